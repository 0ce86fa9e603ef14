import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Duration, type IPolicyValidationPlugin, Stack, Validations } from 'aws-cdk-lib';
import {
  InstanceClass,
  InstanceSize,
  InstanceType,
  type IVpc,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Code, type FunctionProps, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource, type SqsEventSourceProps } from 'aws-cdk-lib/aws-lambda-event-sources';
import {
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type DatabaseInstanceProps,
  PostgresEngineVersion,
} from 'aws-cdk-lib/aws-rds';
import { Queue, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import { FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT } from 'aws-cdk-lib/cx-api';
import type { Construct } from 'constructs';
import { QueueToDatabaseReview, type QueueToDatabaseReviewProps } from '../../../lib/sluice.ts';
import { temporaryFolder } from '../synthesis.ts';

/* A CDK app without anything of Sluice: orders from a queue, by a function, into Postgres. */

/** The CDK writes its report, and leaves it to its CLI to print it and to fail. */
const reportOnly = FAIL_SYNTH_ON_VALIDATION_ERRORS_CONTEXT;

export function emptyApp(context: Record<string, unknown> = {}): App {
  return new App({
    outdir: temporaryFolder(),
    builtinCloudFormationValidation: false,
    context: { [reportOnly]: false, ...context },
  });
}

/** Changes of props; undefined leaves a prop out. */
type Change<Props> = { [Name in keyof Props]?: Props[Name] | undefined };

export interface Changes {
  queue?: Change<QueueProps>;
  deadLetters?: Change<QueueProps>;
  event?: Change<SqsEventSourceProps>;
  worker?: Change<FunctionProps>;
  database?: Change<DatabaseInstanceProps>;
}

const changed = <Props extends object>(props: Props, change: Change<Props> = {}) =>
  ({ ...props, ...change }) as Props;

export function vpcOf(scope: Construct): IVpc {
  return new Vpc(scope, 'Vpc', {
    natGateways: 0,
    maxAzs: 2,
    subnetConfiguration: [{ name: 'inside', subnetType: SubnetType.PRIVATE_ISOLATED }],
  }) as IVpc;
}

export function serverOf(scope: Construct, vpc: IVpc, changes: Change<DatabaseInstanceProps> = {}) {
  return new DatabaseInstance(
    scope,
    'Server',
    changed<DatabaseInstanceProps>(
      {
        engine: DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_17 }),
        instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.SMALL),
        credentials: Credentials.fromGeneratedSecret('shop'),
        parameters: { max_connections: '100' },
        vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      },
      changes,
    ),
  );
}

export function workerOf(scope: Construct, id: string, changes: Change<FunctionProps> = {}) {
  return new LambdaFunction(
    scope,
    id,
    changed<FunctionProps>(
      {
        runtime: Runtime.NODEJS_24_X,
        handler: 'index.handler',
        code: Code.fromInline('exports.handler = () => {};'),
        timeout: Duration.seconds(10),
        reservedConcurrentExecutions: 5,
      },
      changes,
    ),
  );
}

export function queueOf(scope: Construct, { queue, deadLetters }: Changes = {}) {
  const dead = new Queue(scope, 'Dead', changed({ retentionPeriod: Duration.days(14) }, deadLetters));
  const safe: QueueProps = {
    visibilityTimeout: Duration.seconds(60),
    deadLetterQueue: { maxReceiveCount: 5, queue: dead },
  };
  return new Queue(scope, 'Orders', changed(safe, queue));
}

export const safeEvent = { maxConcurrency: 5, reportBatchItemFailures: true };

/** An app without a finding, with changes. */
export function shop(changes: Changes = {}, context: Record<string, unknown> = {}) {
  const app = emptyApp(context);
  const stack = new Stack(app, 'Shop');
  const vpc = vpcOf(stack);
  const server = serverOf(stack, vpc, changes.database);
  const queue = queueOf(stack, changes);
  const group = new SecurityGroup(stack, 'Workers', { vpc });
  const worker = workerOf(stack, 'Worker', {
    vpc,
    vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
    securityGroups: [group],
    ...changes.worker,
  });
  worker.addEventSource(new SqsEventSource(queue, changed<SqsEventSourceProps>(safeEvent, changes.event)));
  server.connections.allowDefaultPortFrom(group);
  return { app, stack, vpc, server, queue, worker };
}

interface Report {
  pluginReports: {
    pluginName: string;
    /** Of a plugin that threw. */
    metadata?: { error?: string };
    violations: {
      ruleName: string;
      description: string;
      severity: string;
      suggestedFix: string;
      violatingConstructs: { constructPath: string }[];
    }[];
  }[];
}

export function findings(app: App, props: QueueToDatabaseReviewProps = {}): string[] {
  return findingsBy(new QueueToDatabaseReview(props), app);
}

/** The findings of a synthesis with a plugin: `rule severity construct: description`. */
export function findingsBy(plugin: IPolicyValidationPlugin, app: App): string[] {
  Validations.of(app).addPlugins(plugin);
  app.synth();
  const { pluginReports } = JSON.parse(
    readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'),
  ) as Report;
  const own = pluginReports.filter(({ pluginName }) => pluginName === plugin.name);
  for (const { metadata } of own) if (metadata?.error !== undefined) throw new Error(metadata.error);
  return own
    .flatMap(({ violations }) => violations)
    .map(({ ruleName, severity, description, violatingConstructs: [at] }) => {
      const path = (at?.constructPath ?? '').replace(/\/Resource$/, '');
      return `${ruleName} ${severity} ${path}: ${description}`;
    })
    .sort();
}
