import { App, type AppProps, Tags } from 'aws-cdk-lib';
import { resolveConfig } from './config/resolve.ts';
import type { SluiceConfig } from './config/schema.ts';
import type { ImagePipelineProps } from './image-pipeline.ts';
import { DataStack } from './stacks/data.ts';
import { PipelineStack } from './stacks/pipeline.ts';

/**
 * The CDK app: a data stack, unless the configuration names an existing database, and the pipeline stack. Neither
 * knows its account, so nothing is looked up and one template fits all.
 * @throws ConfigMistakes, BuildFailed, or a broken rule with its arithmetic.
 */
export function sluiceApp(
  config: SluiceConfig,
  options: Omit<ImagePipelineProps, 'config' | 'database'> = {},
  appProps?: AppProps,
): App {
  const resolved = resolveConfig(config);
  const { name } = resolved.deploy;
  const app = new App(appProps);
  const pipeline: ImagePipelineProps = { ...options, config };
  if (resolved.database.connection === undefined) {
    const data = new DataStack(app, `${name}Data`, resolved, { description: 'Sluice: network and database' });
    pipeline.database = data.database;
  }
  new PipelineStack(app, `${name}Pipeline`, { ...pipeline, description: 'Sluice: the image pipeline' });
  Tags.of(app).add('application', name);
  return app;
}
