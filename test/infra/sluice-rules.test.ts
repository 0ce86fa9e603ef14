import { join } from 'node:path';
import { App, CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { User } from 'aws-cdk-lib/aws-iam';
import type { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { ImagePipeline, type SluiceConfig, SluiceRules, type SluiceRulesProps } from '../../lib/sluice.ts';
import { appProps, plain, stageApp, temporaryFolder, unbuilt } from './synthesis.ts';

type Resources = Record<string, [type: string, properties: object]>;
const arn = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });

const database = { maxConnections: 100, reserve: 10 };

/** The findings in a template of these resources: `rule resource: description`. */
function said(resources: Resources, facts: SluiceRulesProps = database): string[] {
  const app = new App({ outdir: temporaryFolder(), builtinCloudFormationValidation: false });
  const stack = new Stack(app, 'Beside');
  for (const [id, [type, properties]] of Object.entries(resources))
    new CfnResource(stack, id, { type, properties });
  return violations(app, facts);
}

function violations(app: App, facts = { maxConnections: 100, reserve: 10 }): string[] {
  const { stacks } = app.synth();
  const templatePaths = stacks.map((one) => join(app.outdir, one.templateFile));
  return new SluiceRules(facts)
    .validate({ templatePaths, appConstruct: app })
    .violations.map(
      ({ ruleName, description, violatingResources: [at] }) =>
        `${ruleName} ${at?.resourceLogicalId}: ${description}`,
    );
}

const queue = (properties: object = {}): Resources[string] => ['AWS::SQS::Queue', properties];
const mapping = (properties: object = {}): Resources[string] => [
  'AWS::Lambda::EventSourceMapping',
  { EventSourceArn: arn('Queue'), FunctionName: { Ref: 'Worker' }, ...properties },
];
const worker = (properties: object = {}): Resources[string] => ['AWS::Lambda::Function', properties];

describe('Visibility', () => {
  it('Visibility requires 6 × the function’s timeout + the window of each mapping', () => {
    const Mapping = mapping({ MaximumBatchingWindowInSeconds: 5 });
    const Worker = worker({ Timeout: 10 });
    expect(said({ Queue: queue({ VisibilityTimeout: 65 }), Mapping, Worker })).toEqual([]);
    expect(said({ Queue: queue({ VisibilityTimeout: 64 }), Mapping, Worker })).toEqual([
      expect.stringMatching(/^Visibility Queue: .*6 × 10 \+ 5 = 65 > 64/),
    ]);
  });

  it('Visibility uses AWS’s defaults: 30 s hidden, 3 s timeout', () => {
    expect(said({ Queue: queue(), Mapping: mapping(), Worker: worker() })).toEqual([]);
    expect(said({ Queue: queue(), Mapping: mapping(), Worker: worker({ Timeout: 6 }) })).toHaveLength(1);
  });

  it('Visibility finds the function behind an alias and a version', () => {
    expect(
      said({
        Queue: queue({ VisibilityTimeout: 59 }),
        Worker: worker({ Timeout: 10 }),
        One: ['AWS::Lambda::Version', { FunctionName: { Ref: 'Worker' } }],
        Live: ['AWS::Lambda::Alias', { FunctionName: { 'Fn::GetAtt': ['One', 'FunctionArn'] } }],
        Mapping: mapping({ FunctionName: { Ref: 'Live' } }),
      }),
    ).toHaveLength(1);
  });
});

describe('a queue of another stack', () => {
  it.each(['strong', 'weak'])('a rule finds a queue of another stack by a %s reference', (strength) => {
    const app = new App({
      outdir: temporaryFolder(),
      builtinCloudFormationValidation: false,
      context: { '@aws-cdk/core:defaultCrossStackReferences': strength },
    });
    const resource = (stack: Stack, id: string, type: string, properties: object) =>
      new CfnResource(stack, id, { type, properties });
    const jobs = resource(new Stack(app, 'Jobs'), 'Queue', 'AWS::SQS::Queue', { VisibilityTimeout: 59 });
    const worker = new Stack(app, 'Worker');
    const lambda = resource(worker, 'Worker', 'AWS::Lambda::Function', { Timeout: 10 });
    resource(worker, 'Mapping', 'AWS::Lambda::EventSourceMapping', {
      EventSourceArn: jobs.getAtt('Arn').toString(),
      FunctionName: lambda.ref,
    });
    expect(violations(app)).toEqual([expect.stringMatching(/^Visibility Queue: .*6 × 10.* > 59/)]);
  });
});

describe('Ceiling', () => {
  const Worker = worker({ ReservedConcurrentExecutions: 8 });
  const share = (MaximumConcurrency: number) => mapping({ ScalingConfig: { MaximumConcurrency } });

  it('Ceiling requires reserved concurrency for the sum of all mappings', () => {
    expect(said({ Queue: queue(), Worker, A: share(5), B: share(3) })).toEqual([]);
    expect(said({ Queue: queue(), Worker, A: share(5), B: share(4) })).toEqual([
      expect.stringMatching(/^Ceiling Worker: .*5 \+ 4 = 9 > 8/),
    ]);
  });

  it('Ceiling counts a mapping without a maximum as 1,250', () => {
    expect(said({ Queue: queue(), Worker, A: mapping() })).toEqual([expect.stringContaining('1250 > 8')]);
  });

  it('Ceiling ignores a function without reserved concurrency', () => {
    expect(said({ Queue: queue(), Worker: worker(), A: mapping() })).toEqual([]);
  });
});

describe('Retention', () => {
  it('Retention requires a dead-letter queue to keep messages longer than its source', () => {
    const Source = queue({
      MessageRetentionPeriod: 345_600,
      RedrivePolicy: { deadLetterTargetArn: arn('Dead') },
    });
    expect(said({ Source, Dead: queue({ MessageRetentionPeriod: 1_209_600 }) })).toEqual([]);
    // Four days, as its source.
    expect(said({ Source, Dead: queue() })).toEqual([
      expect.stringMatching(/^Retention Dead: .*4 − 4 = 0 days/),
    ]);
  });
});

describe('Connections', () => {
  const migrate = (api: number, process: number, sweep: number, pooled: object = {}) =>
    worker({
      Environment: {
        Variables: {
          ...pooled,
          DATABASE_ROLES: JSON.stringify({
            sluice_api: { connections: api, persistent: true },
            sluice_process: { connections: process, persistent: false },
            sluice_sweep: { connections: sweep, persistent: false },
            sluice_operate: { connections: 1, persistent: false },
          }),
        },
      },
    });
  const parameters = (max_connections: string): Resources[string] => [
    'AWS::RDS::DBParameterGroup',
    { Parameters: { max_connections } },
  ];

  it('Connections adds up the roles of migrate and the rest', () => {
    expect(said({ Migrate: migrate(40, 43, 2) })).toEqual([]);
    expect(said({ Migrate: migrate(40, 44, 2) })).toEqual([
      expect.stringContaining(
        'api 40 + process 44 + sweep 2 + operate 1 + migrate 1 + reserve 10 + superuser 3 = 101 > 100 (max_connections)',
      ),
    ]);
  });

  it('Connections takes max_connections from the server’s parameters if there is a server', () => {
    expect(said({ Migrate: migrate(40, 8, 2), Parameters: parameters('65') })).toEqual([]);
    expect(said({ Migrate: migrate(40, 8, 2), Parameters: parameters('64') })).toHaveLength(1);
  });

  it('Connections counts a proxy instead of the roles', () => {
    const proxy = (MaxConnectionsPercent: number): Resources[string] => [
      'AWS::RDS::DBProxyTargetGroup',
      { ConnectionPoolConfigurationInfo: { MaxConnectionsPercent } },
    ];
    expect(said({ Migrate: migrate(86, 86, 86), Proxy: proxy(86) })).toEqual([]);
    expect(said({ Migrate: migrate(86, 86, 86), Proxy: proxy(87) })).toEqual([
      expect.stringContaining('proxy 87 +'),
    ]);
  });

  it.each([
    ['sluice_process', 8, 9],
    // A deploy has two generations of it.
    ['sluice_api', 20, 21],
    ['sluice_sweep', 2, 3],
    ['sluice_operate', 1, 2],
  ])(
    'Connections requires that the reserved concurrency of %s fits its limit',
    (DATABASE_USER, fits, exceeds) => {
      const client = (ReservedConcurrentExecutions: number) =>
        worker({ ReservedConcurrentExecutions, Environment: { Variables: { DATABASE_USER } } });
      expect(said({ Migrate: migrate(40, 8, 2), Client: client(fits) })).toEqual([]);
      expect(said({ Migrate: migrate(40, 8, 2), Client: client(exceeds) })).toEqual([
        expect.stringMatching(new RegExp(`^Connections Client: .*CONNECTION LIMIT of ${DATABASE_USER}`)),
      ]);
    },
  );

  it('Connections lets more executions than connections share a pool', () => {
    const Client = worker({
      ReservedConcurrentExecutions: 800,
      Environment: { Variables: { DATABASE_USER: 'sluice_process' } },
    });
    expect(said({ Migrate: migrate(86, 86, 86, { ROLES_POOLED: 'yes' }), Client })).toEqual([]);
    expect(said({ Migrate: migrate(40, 8, 2, { ROLES_POOLED: 'no' }), Client })).toEqual([
      expect.stringContaining('1 × 800 reserved executions: 800 > 8'),
    ]);
  });
});

describe('Wildcards', () => {
  const statement = (Action: unknown, more: object = {}) => ({
    PolicyDocument: { Statement: [{ Sid: 'All', Effect: 'Allow', Action, Resource: '*', ...more }] },
  });

  it.each([
    ['AWS::IAM::ManagedPolicy', statement('s3:*')],
    ['AWS::IAM::Policy', statement(['s3:GetObject', 'kms:Generate*'])],
    ['AWS::IAM::Role', { Policies: [statement('*')] }],
    ['AWS::KMS::Key', { KeyPolicy: statement('kms:*').PolicyDocument }],
    ['AWS::S3::BucketPolicy', statement('s3:Get*')],
    ['AWS::SQS::QueuePolicy', statement('sqs:*')],
    ['AWS::EC2::VPCEndpoint', statement('sqs:*')],
    ['AWS::SecretsManager::ResourcePolicy', { ResourcePolicy: statement('secretsmanager:*').PolicyDocument }],
    ['AWS::Logs::ResourcePolicy', { PolicyDocument: JSON.stringify(statement('logs:*').PolicyDocument) }],
    ['AWS::IAM::ManagedPolicy', statement(undefined, { NotAction: 's3:GetObject' })],
    // Allows everything by default.
    ['AWS::EC2::VPCEndpoint', {}],
    ['AWS::Lambda::Permission', { Action: 'lambda:*' }],
  ])('Wildcards rejects one in %s', (type, properties) => {
    expect(said({ It: [type, properties] })).toEqual([expect.stringMatching(/^Wildcards It: /)]);
  });

  it('Wildcards accepts one in a denial', () => {
    const wide = statement('s3:*', { Effect: 'Deny' });
    expect(said({ It: ['AWS::S3::BucketPolicy', wide] })).toEqual([]);
  });
});

describe('the plugin in another app', () => {
  const shop = (props: Omit<SluiceRulesProps, keyof typeof database>) => {
    const app = new App(appProps());
    const stack = new Stack(app, 'Shop');
    const config: SluiceConfig = { ...plain, deploy: { removal: 'destroy' } };
    const pipeline = new ImagePipeline(stack, 'Photos', { config, functions: unbuilt(config) });
    Validations.of(app).addPlugins(new SluiceRules({ ...pipeline.config.database, ...props }));
    new Bucket(stack, 'Own').grantRead(new User(stack, 'Reader'));
    return { app, pipeline };
  };

  it('the plugin checks policies of the whole app, unless Wildcards is excluded', () => {
    expect(() => shop({}).app.synth()).toThrow(/allows s3:GetBucket\*[\s\S]*Sluice::Wildcards/);
    expect(() => shop({ except: ['Wildcards'] }).app.synth()).not.toThrow();
  });

  it('the plugin applies the other rules to the app', () => {
    const { app, pipeline } = shop({ except: ['Wildcards'] });
    const { defaultChild } = pipeline.functions.process.function.node;
    (defaultChild as CfnFunction).timeout = 61;
    expect(() => app.synth()).toThrow(/Sluice::Visibility/);
  });

  it('an unknown rule in except is an error that lists the rules', () => {
    expect(() => shop({ except: ['Wildcard'] })).toThrow(
      'There is no rule Wildcard, only Visibility, Ceiling, Retention, Connections, Wildcards, MaximumConcurrency, ' +
        'Receives, FewReceives, Redrive, QueueType, BatchFailures, Unknown',
    );
  });
});

describe('an app that breaks a rule', () => {
  const worst = (app: App) => app.node.findChild('SluiceDevPipeline').node.findChild('Images');

  it('an app that breaks a rule fails synth in a disposable stage too, and cannot acknowledge it', () => {
    const app = stageApp({}, {}, 'dev');
    const process = worst(app)
      .node.findChild('Functions')
      .node.findChild('process')
      .node.findChild('Function');
    (process.node.defaultChild as CfnFunction).timeout = 61;
    expect(() => app.synth()).toThrow(/6 × 61 \+ 0 = 366 > 360[\s\S]*Sluice::Visibility/);
  });

  it('another stack that breaks a rule fails synth', () => {
    const app = stageApp({}, {}, 'dev');
    const stack = new Stack(app, 'Beside');
    const jobs = worst(app).node.findChild('Jobs').node.findChild('ImageJobs') as unknown as {
      queueArn: string;
    };
    new CfnResource(stack, 'Slow', { type: 'AWS::Lambda::Function', properties: { Timeout: 900 } });
    new CfnResource(stack, 'Mapping', {
      type: 'AWS::Lambda::EventSourceMapping',
      properties: { EventSourceArn: jobs.queueArn, FunctionName: { Ref: 'Slow' } },
    });
    expect(() => app.synth()).toThrow(/6 × 900 \+ 0 = 5400 > 360/);
  });
});
