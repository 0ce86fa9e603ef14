import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { ImagePipeline } from '../../lib/image-pipeline.ts';
import { Account, type StackTemplate } from './cloudformation/account.ts';
import { identities, noNames } from './cloudformation/properties.ts';
import { guid, text } from './reading.ts';
import { appProps, plain, synthesise, unbuilt } from './synthesis.ts';

/** Every kind of template of a stage or of the construct alone. */
const templates: Record<string, StackTemplate> = {
  ...ofStage('prod', 'prod'),
  ...ofStage('prod on Aurora', 'prod', { engine: 'aurora-serverless' }),
  ...ofStage('prod behind a proxy', 'prod', { proxy: true }),
  ...ofStage('prod on Aurora behind a proxy', 'prod', { engine: 'aurora-serverless', proxy: true }),
  ...ofStage('prod whose owner has a password', 'prod', { ownerLogin: 'password' }),
  ...ofStage('prod with ready events', 'prod', {}, { readyEvents: true }),
  ...ofStage('prod with a cache', 'prod', {}, {}, { store: 'valkey' }),
  ...ofStage('prod on an existing database', 'prod', existing()),
  ...ofStage('dev', 'dev'),
  ...ofStage('localstack', 'localstack', existing()),
  'the construct with its own database': construct(),
};

function ofStage(
  name: string,
  stage: string,
  database: SluiceConfig['database'] = {},
  deploy: SluiceConfig['deploy'] = {},
  counters: SluiceConfig['counters'] = {},
) {
  const { data, pipeline } = synthesise({ database, deploy, counters }, {}, stage);
  const both = { data: data?.toJSON(), pipeline: pipeline.toJSON() };
  return Object.fromEntries(
    Object.entries(both).flatMap(([part, template]) =>
      template === undefined ? [] : [[`${name}, ${part}`, template as StackTemplate]],
    ),
  );
}

function existing(): NonNullable<SluiceConfig['database']> {
  const secretArn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:any-AbCdEf';
  const owner = { user: 'owner', secretArn };
  return { connection: { host: 'db.example', name: 'a', owner, roles: { auth: 'password', secretArn } } };
}

function construct(): StackTemplate {
  const stack = new Stack(new App(appProps()), 'Shop');
  new ImagePipeline(stack, 'Images', { config: plain, functions: unbuilt(plain) });
  return Template.fromStack(stack).toJSON() as StackTemplate;
}

/** Explicit names that would collide with another stack of the same name, or with a new one. */
function fixedNames({ Resources }: StackTemplate): string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) =>
    Object.entries(Properties)
      .filter(([name]) => /(?:Name|Identifier)$/.test(name) && !noNames[Type]?.includes(name))
      .filter(([, value]) => !isNew(JSON.stringify(value)))
      .map(([name, value]) => `${id}: ${Type}.${name} is ${text(value)}`),
  );
}

/** Contains the digits of the stack, or belongs to a resource with a new name. */
const isNew = (value: string) => value.includes(guid) || /"Ref":"(?!AWS::)|"Fn::GetAtt"/.test(value);

describe.each(Object.entries(templates))('%s', (_, template) => {
  it('a failed deploy retains nothing', () => {
    const kept = Object.entries(template.Resources).filter(([, one]) => one.DeletionPolicy === 'Retain');
    expect(kept.map(([id]) => id)).toEqual([]);
  });

  it('no name can be taken already', () => {
    expect(fixedNames(template)).toEqual([]);
  });

  it('the stack can be deployed again after a failure, and after a deletion that retained resources', () => {
    // Weak references to a missing stack: only the stack itself is examined.
    const alone = JSON.parse(
      JSON.stringify(template).replaceAll(/\{"Fn::GetStackOutput":\{.*?\}\}/g, '"known"'),
    ) as StackTemplate;
    const account = new Account();
    account.deployThatFails('Stack', alone);
    expect(account.deploy('Stack', alone)).toEqual([]);
    account.destroy('Stack');
    expect(account.deploy('Stack', alone)).toEqual([]);
  });
});

describe('explicit names in an app with long names', () => {
  const stack = new Stack(new App(appProps()), `S${'t'.repeat(60)}`);
  const config: SluiceConfig = { ...plain, database: { proxy: true } };
  new ImagePipeline(stack, `I${'m'.repeat(60)}`, { config, functions: unbuilt(config) });
  const template = Template.fromStack(stack);
  const there: [string | RegExp, string][] = [
    ['<guid>', '1a2b3c4d'],
    ['<AWS::AccountId>', '000000000000'],
    ['<AWS::Region>', 'ap-southeast-1'],
    // The id of an API.
    [/<\w+>/, 'a1b2c3d4e5'],
  ];

  it.each([
    ['AWS::RDS::DBInstance', 'DBInstanceIdentifier', /^(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]$/, 1],
    ['AWS::RDS::DBProxy', 'DBProxyName', /^(?!.*--)[a-z][a-z0-9-]{0,61}[a-z0-9]$/, 1],
    ['AWS::S3::Bucket', 'BucketName', /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, 1],
    ['AWS::Logs::LogGroup', 'LogGroupName', /^[\w./#-]{1,512}$/, 7],
  ] as const)('are as the service has it: %s', (type, property, form, count) => {
    const names = Object.values(template.findResources(type)).flatMap(({ Properties }) =>
      Properties[property] === undefined
        ? []
        : [there.reduce((name, [from, to]) => name.replace(from, to), text(Properties[property]))],
    );
    expect(names).toHaveLength(count);
    for (const name of names) expect(name).toMatch(form);
  });
});

describe('obstacles to a retry', () => {
  const stack = (type: string, properties: Record<string, unknown>, DeletionPolicy = 'Delete') => ({
    Resources: { One: { Type: type, Properties: properties, DeletionPolicy } },
  });

  it('a fixed name is an obstacle to a retry, also for an unknown type', () => {
    expect(fixedNames(stack('AWS::Athena::WorkGroup', { Name: 'reports' }))).toEqual([
      'One: AWS::Athena::WorkGroup.Name is reports',
    ]);
    const region = { 'Fn::Join': ['-', ['reports', { Ref: 'AWS::Region' }]] };
    expect(fixedNames(stack('AWS::S3::Bucket', { BucketName: region }))).toHaveLength(1);
    expect(fixedNames(stack('AWS::S3::Bucket', { BucketName: { Ref: 'Other' } }))).toEqual([]);
  });

  it('a retained name is an obstacle to a retry', () => {
    const fixed = stack('AWS::Logs::LogGroup', { LogGroupName: '/logs' }, 'Retain');
    const account = new Account();
    account.deployThatFails('Stack', fixed);
    expect(account.deploy('Stack', fixed)).toEqual([expect.stringContaining('already exists')]);
    const onceItStood = stack('AWS::Logs::LogGroup', { LogGroupName: '/logs' }, 'RetainExceptOnCreate');
    const other = new Account();
    other.deployThatFails('Stack', onceItStood);
    expect(other.deploy('Stack', onceItStood)).toEqual([]);
    other.destroy('Stack');
    expect(other.deploy('Stack', onceItStood)).toEqual([expect.stringContaining('already exists')]);
  });

  it('this test covers the resources with explicit names', () => {
    const types = new Set(
      Object.values(templates).flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type)),
    );
    expect(Object.keys(identities).filter((type) => !types.has(type))).toEqual([]);
  });
});
