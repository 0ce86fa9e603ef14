import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { PipelineFunction } from '../compute/pipeline-function.ts';
import { ImagePipeline, type ImagePipelineProps } from '../image-pipeline.ts';

/** Bucket, queues, functions and API. The outputs list what operators need. */
export class PipelineStack extends Stack {
  readonly pipeline: ImagePipeline;

  constructor(scope: Construct, id: string, props: ImagePipelineProps & StackProps) {
    super(scope, id, props);
    this.pipeline = new ImagePipeline(this, 'Images', props);
    const { api, bucket, jobs, failedUploadEvents, mapping, functions } = this.pipeline;
    const invoke = ({ function: { functionName }, alias }: PipelineFunction) =>
      `aws lambda invoke --region ${this.region} --function-name ${functionName} --qualifier ${alias.aliasName}`;
    const payload = '--cli-binary-format raw-in-base64-out --payload';
    // By default the CLI times out after a minute and retries.
    const wait = `--cli-read-timeout ${functions.migrate.function.timeout?.toSeconds() ?? 900}`;

    this.#output('Url', api.restApi.url, 'The page, and the root of the API');
    this.#output('RestApiId', api.restApi.restApiId, 'Id of the REST API');
    this.#output('BucketName', bucket.bucketName, 'Originals and variants');
    this.#output('JobsQueueUrl', jobs.queue.queueUrl, 'ImageJobs');
    this.#output('DeadLettersUrl', jobs.deadLetters.queueUrl, 'Jobs that failed');
    this.#output(
      'FailedUploadEventsUrl',
      failedUploadEvents.queue.queueUrl,
      'Upload events that enqueue could not process',
    );
    this.#output(
      'MappingId',
      mapping.eventSourceMappingId,
      'UUID of the event source mapping: disable it to pause the pipeline',
    );
    this.#output('OperateFunction', functions.operate.function.functionName, 'Manages tenants and keys');
    this.#output('MigrateFunction', functions.migrate.function.functionName, 'Runs the migrations');
    this.#output(
      'MakeTenant',
      `${invoke(functions.operate)} ${payload} '{"operation":"makeTenant","tenant":"acme"}' /dev/stdout`,
      'Creates a tenant and prints its API key, once',
    );
    this.#output(
      'Migrate',
      `${invoke(functions.migrate)} ${wait} /dev/stdout`,
      'Runs the migrations by hand; each deploy runs them too',
    );
  }

  #output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
