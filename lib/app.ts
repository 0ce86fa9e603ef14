import { type App, Tags } from 'aws-cdk-lib';
import { stageConfig } from './config/resolve.ts';
import type { SluiceConfig } from './config/schema.ts';
import { stackNames } from './config/stack-names.ts';
import type { ImagePipelineProps } from './image-pipeline.ts';
import { review } from './review/review.ts';
import { DataStack } from './stacks/data.ts';
import { PipelineStack } from './stacks/pipeline.ts';

/** What `sluiceApp` takes beside the configuration. */
export type SluiceAppOptions = Omit<ImagePipelineProps, 'config' | 'database'>;

/**
 * Fills a CDK app with one stage: a data stack, unless the configuration names an existing database, and the pipeline
 * stack. Neither knows its account, so nothing is looked up and one template fits all. When it is synthesised it is held
 * to our own rules, and with `deploy.review` to those of cdk-nag.
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
