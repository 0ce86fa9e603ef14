import { App, Stack } from 'aws-cdk-lib';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { ImagePipeline, type ImagePipelineProps } from '../../lib/image-pipeline.ts';
import { appProps, plain, unbuilt } from './synthesis.ts';

const secret = (name: string) => `arn:aws:secretsmanager:eu-central-1:111122223333:secret:${name}-AbCdEf`;

/** An existing Postgres, reached without a VPC: the minimum that a pipeline needs. */
export const elsewhere: Partial<SluiceConfig> = {
  database: {
    connection: {
      host: 'db.example.com',
      name: 'sluice',
      owner: { user: 'owner', secretArn: secret('owner') },
      roles: { auth: 'password', secretArn: secret('roles') },
    },
  },
};

/** A stack of another app, such as one that installed the package. */
export function ownStack(id = 'Shop'): Stack {
  return new Stack(new App(appProps()), id);
}

/** A pipeline in it, by default on an existing database. */
export function pipelineIn(
  stack: Stack,
  config: Partial<SluiceConfig> = elsewhere,
  props: Partial<ImagePipelineProps> = {},
  id = 'Images',
): ImagePipeline {
  const whole = { ...plain, ...config };
  return new ImagePipeline(stack, id, { functions: unbuilt(whole), ...props, config: whole });
}
