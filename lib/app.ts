import { type App, Tags } from 'aws-cdk-lib';
import { stageConfig } from './config/resolve.ts';
import type { SluiceConfig } from './config/schema.ts';
import { stackNames } from './config/stack-names.ts';
import type { ImagePipelineProps } from './image-pipeline.ts';
import { review } from './review/review.ts';
import { DataStack } from './stacks/data.ts';
import { PipelineStack } from './stacks/pipeline.ts';

export type SluiceAppOptions = Omit<ImagePipelineProps, 'config' | 'database'>;

/**
 * Adds one stage to a CDK app: the pipeline stack, and a data stack unless the configuration names a database. Both are
 * environment-agnostic: nothing is looked up. Synthesis checks our own rules, and with `deploy.review` those of cdk-nag.
 * @throws ConfigMistakes, BuildFailed, or a broken rule with its arithmetic.
 */
export function sluiceApp(
  app: App,
  written: SluiceConfig,
  stage: string,
  options: SluiceAppOptions = {},
): void {
  const config = stageConfig(written, stage);
  const names = stackNames(config);
  const pipeline: ImagePipelineProps = { ...options, config };
  if (config.database.connection === undefined) {
    const data = new DataStack(app, names.data, config, { description: 'Sluice: network and database' });
    pipeline.database = data.database;
  }
  new PipelineStack(app, names.pipeline, { ...pipeline, description: 'Sluice: the image pipeline' });
  Tags.of(app).add('application', config.deploy.name);
  Tags.of(app).add('stage', stage);
  review(app, config);
}
