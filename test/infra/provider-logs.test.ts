import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { ImagePipeline } from '../../lib/image-pipeline.ts';
import { one } from './reading.ts';
import { appProps, plain, synthesise, unbuilt } from './synthesis.ts';

describe.each([
  ['prod', 365, 1],
  ['dev', 7, 2],
] as const)('the functions of the CDK in %s', (stage, days, count) => {
  const { pipeline } = synthesise({}, {}, stage);
  const ofTheCdk = Object.entries(pipeline.findResources('AWS::Lambda::Function')).filter(([id]) =>
    id.includes('CustomResourceProvider'),
  );

  it('the CDK’s functions write to our encrypted log groups with retention, deleted with the stack', () => {
    expect(ofTheCdk).toHaveLength(count);
    for (const [id, { Properties }] of ofTheCdk) {
      const name = id.replace(/Handler\w*$/, 'Logs');
      const logs = one(pipeline, 'AWS::Logs::LogGroup', name);
      expect(Properties.LoggingConfig).toEqual({ LogGroup: { Ref: logs.id } });
      expect(logs.DeletionPolicy).toBe('Delete');
      expect(logs.Properties).toMatchObject({ RetentionInDays: days, KmsKeyId: expect.anything() });
    }
  });

  it('every function of the stack has a log group of ours', () => {
    for (const { Properties } of Object.values(pipeline.findResources('AWS::Lambda::Function')))
      expect(Properties).toHaveProperty('LoggingConfig.LogGroup');
  });
});

it('two pipelines of a stack share the CDK’s trigger function and its log group', () => {
  const stack = new Stack(new App(appProps()), 'Shop');
  for (const id of ['Photos', 'Portraits'])
    new ImagePipeline(stack, id, { config: plain, functions: unbuilt(plain) });
  const template = Template.fromStack(stack);
  expect(one(template, 'AWS::Logs::LogGroup', 'TriggerCustomResourceProvider')).toBeDefined();
});
