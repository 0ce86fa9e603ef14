import { Names } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** The name of a pipeline in CloudWatch, from its path: that of its API, and the dimension `Pipeline` of its functions' metrics. */
export function pipelineName(pipeline: Construct): string {
  return Names.uniqueResourceName(pipeline, { separator: '-' });
}
