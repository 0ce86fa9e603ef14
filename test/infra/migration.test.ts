import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { ImagePipeline } from '../../lib/image-pipeline.ts';
import { one, text } from './reading.ts';
import { appProps, plain, synthesise, unbuilt } from './synthesis.ts';

describe('the migration', () => {
  const { pipeline } = synthesise();
  const run = one(pipeline, 'Custom::Trigger');

  it('the deploy runs migrate and waits for as long as the function may take', () => {
    const version = one(pipeline, 'AWS::Lambda::Version', 'migrate');
    expect(run.Properties).toMatchObject({
      HandlerArn: { Ref: version.id },
      InvocationType: 'RequestResponse',
      Timeout: '840000',
    });
  });

  it.each(['api', 'process', 'sweep'])('the migration completes before %s is replaced', (name) => {
    for (const type of ['AWS::Lambda::Function', 'AWS::Lambda::Version', 'AWS::Lambda::Alias'])
      expect(one(pipeline, type, `Functions${name}`).DependsOn).toContain(run.id);
  });

  it('a new migration runs migrate again; other changes do not', () => {
    const functions = unbuilt(plain);
    const version = () => one(synthesise({}, { functions }).pipeline, 'AWS::Lambda::Version', 'migrate').id;
    const before = version();
    expect(version()).toBe(before);
    writeFileSync(join(functions.migrate.folder, '000003_more.sql'), 'select 1;');
    expect(version()).not.toBe(before);
  });

  it('changed connection limits run migrate again', () => {
    const functions = unbuilt(plain);
    const version = (maxConcurrency: number) =>
      one(synthesise({ api: { maxConcurrency } }, { functions }).pipeline, 'AWS::Lambda::Version', 'migrate')
        .id;
    expect(version(20)).not.toBe(version(22));
  });

  it('without custom resources the operator invokes migrate', () => {
    synthesise({ deploy: { migration: 'invoke' } }).pipeline.resourceCountIs('Custom::Trigger', 0);
  });

  it('the outputs contain the commands that invoke migrate and operate', () => {
    const [migrate, operate] = ['migrate', 'operate'].map(
      (name) => `<${one(pipeline, 'AWS::Lambda::Function', `Functions${name}`).id}>`,
    );
    const outputs = pipeline.toJSON().Outputs as Record<string, { Value: unknown }>;
    expect(text(outputs.MigrateFunction?.Value)).toBe(migrate);
    expect(text(outputs.OperateFunction?.Value)).toBe(operate);
    expect(text(outputs.MakeTenant?.Value)).toBe(
      `aws lambda invoke --region <AWS::Region> --function-name ${operate} --qualifier live ` +
        `--cli-binary-format raw-in-base64-out --payload '{"operation":"makeTenant","tenant":"acme"}' /dev/stdout`,
    );
    expect(text(outputs.Migrate?.Value)).toBe(
      `aws lambda invoke --region <AWS::Region> --function-name ${migrate} --qualifier live ` +
        '--cli-read-timeout 840 /dev/stdout',
    );
  });
});

describe('a stack with its own database', () => {
  it('the migration waits for the server and for the endpoint that a password needs', () => {
    const stack = new Stack(new App(appProps()), 'Whole');
    const config: SluiceConfig = { ...plain, database: { ownerLogin: 'password' } };
    new ImagePipeline(stack, 'Images', { config, functions: unbuilt(config) });
    const template = Template.fromStack(stack);
    const { DependsOn } = one(template, 'Custom::Trigger');
    expect(DependsOn).toContain(one(template, 'AWS::EC2::VPCEndpoint', 'SecretsManager').id);
    expect(DependsOn).toContain(one(template, 'AWS::RDS::DBInstance').id);
  });
});
