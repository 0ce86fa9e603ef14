import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { BastionHostLinux, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, it } from 'vitest';
import type { ImagePipeline } from '../../lib/image-pipeline.ts';
import { elsewhere, ownStack, pipelineIn } from './own-app.ts';
import { one, text } from './reading.ts';
import { appProps } from './synthesis.ts';

const stack = ownStack();
const pipeline = pipelineIn(stack, { deploy: { firewall: true } });

describe('the parts of a pipeline', () => {
  it('a pipeline exposes URL, mapping, queues, firewall, alarms and log groups', () => {
    const { url, mapping, jobs, failedUploadEvents, api, logGroups, vpc, securityGroups } = pipeline;
    const shown = {
      url,
      mapping: mapping.eventSourceMappingId,
      jobs: jobs.queue.queueName,
      deadLetters: jobs.deadLetters.queueName,
      failed: failedUploadEvents.queue.queueName,
      firewall: api.firewall?.webAcl.attrArn ?? '',
      vpc: vpc?.vpcId ?? '',
      groups: securityGroups.map(({ securityGroupId }) => securityGroupId).join(),
      host: pipeline.database.host,
      analyticsLag: pipeline.consumerAlarms.analytics.alarmName,
      auditLag: pipeline.consumerAlarms.audit.alarmName,
    };
    for (const [id, value] of Object.entries(shown)) new CfnOutput(stack, id, { value });
    const template = Template.fromStack(stack);
    const id = (type: string, part = '') => one(template, `AWS::${type}`, part).id;
    const Outputs = template.toJSON().Outputs as Record<string, { Value: unknown }>;
    const found = Object.keys(shown).map((name) => text(Outputs[name]?.Value));
    expect(found.slice(1)).toEqual([
      `<${id('Lambda::EventSourceMapping', 'ImagesMapping')}>`,
      `<${id('SQS::Queue', 'ImageJobs')}.QueueName>`,
      `<${id('SQS::Queue', 'DeadLetters')}.QueueName>`,
      `<${id('SQS::Queue', 'FailedUploadEvents')}.QueueName>`,
      `<${id('WAFv2::WebACL')}.Arn>`,
      `<${id('EC2::VPC')}>`,
      `<${id('EC2::SecurityGroup', 'NetworkFunctions')}.GroupId>`,
      `<${id('RDS::DBInstance')}.Endpoint.Address>`,
      `<${id('CloudWatch::Alarm', 'ConsumerLaganalytics')}>`,
      `<${id('CloudWatch::Alarm', 'ConsumerLagaudit')}>`,
    ]);
    expect(found[0]).toContain(`<${id('ApiGateway::RestApi')}>`);
    expect(logGroups.map(({ logGroupName }) => text(stack.resolve(logGroupName))).sort()).toEqual(
      Object.keys(template.findResources('AWS::Logs::LogGroup'))
        .filter((one) => /Functions|Api/.test(one))
        .map((one) => `<${one}>`)
        .sort(),
    );
  });

  it('the app may admit others to the pipeline’s database', () => {
    const stack = ownStack();
    const { database, vpc } = pipelineIn(stack, {});
    const bastion = new BastionHostLinux(stack, 'Bastion', { vpc: vpc as IVpc, subnetSelection: {} });
    database.connections?.allowDefaultPortFrom(bastion);
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 5433,
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('Bastion'), 'GroupId'] },
    });
  });

  it('the app may admit the pipeline’s functions elsewhere', () => {
    const stack = ownStack();
    const cache = pipelineIn(stack, {}, {}, 'Other');
    const images = pipelineIn(stack, {}, { vpc: cache.vpc as IVpc });
    cache.database.connections?.allowDefaultPortFrom(images, 'another pipeline');
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      Description: 'another pipeline',
    });
  });

  it('a pipeline with an external database exposes no server, VPC or group', () => {
    const { database, vpc, securityGroups, api } = pipelineIn(ownStack(), {
      ...elsewhere,
      deploy: { firewall: false },
    });
    expect([database.server, database.connections, vpc, api.firewall]).toEqual(Array(4).fill(undefined));
    expect(securityGroups).toEqual([]);
  });
});

type Measure = {
  [Name in keyof ImagePipeline as Name extends 'metric'
    ? never
    : Name extends `metric${string}`
      ? Name
      : never]: ImagePipeline[Name];
};

describe('the metrics of a pipeline', () => {
  const template = () => Template.fromStack(stack);
  const named = (type: string, part = '') => one(template(), `AWS::${type}`, part);
  const queue = (part: string) => () => ({ QueueName: `<${named('SQS::Queue', part).id}.QueueName>` });
  const stage = () => ({
    ApiName: text(named('ApiGateway::RestApi').Properties.Name),
    Stage: `<${named('ApiGateway::Stage').id}>`,
  });
  const process = () => ({ FunctionName: `<${named('Lambda::Function', 'Functionsprocess').id}>` });
  const server = () => ({ DBInstanceIdentifier: `<${named('RDS::DBInstance').id}>` });

  const table: [keyof Measure, string, string, string, () => Record<string, string>][] = [
    ['metricJobsWaiting', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', queue('ImageJobs')],
    ['metricJobsInFlight', 'AWS/SQS', 'ApproximateNumberOfMessagesNotVisible', 'Maximum', queue('ImageJobs')],
    ['metricOldestJob', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum', queue('ImageJobs')],
    ['metricDeadLetters', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'Maximum', queue('DeadLetters')],
    [
      'metricFailedUploadEvents',
      'AWS/SQS',
      'ApproximateNumberOfMessagesVisible',
      'Maximum',
      queue('FailedUpload'),
    ],
    ['metricAnalyticsLag', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum', queue('AnalyticsEvents')],
    ['metricAuditLag', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum', queue('AuditEvents')],
    ['metricRequests', 'AWS/ApiGateway', 'Count', 'Sum', stage],
    ['metricClientErrors', 'AWS/ApiGateway', '4XXError', 'Sum', stage],
    ['metricServerErrors', 'AWS/ApiGateway', '5XXError', 'Sum', stage],
    ['metricLatency', 'AWS/ApiGateway', 'Latency', 'p99', stage],
    ['metricProcessErrors', 'AWS/Lambda', 'Errors', 'Sum', process],
    ['metricProcessThrottles', 'AWS/Lambda', 'Throttles', 'Sum', process],
    ['metricProcessConcurrency', 'AWS/Lambda', 'ConcurrentExecutions', 'Maximum', process],
    ['metricProcessDuration', 'AWS/Lambda', 'Duration', 'p99', process],
    ['metricDatabaseConnections', 'AWS/RDS', 'DatabaseConnections', 'Maximum', server],
    ['metricDatabaseCpu', 'AWS/RDS', 'CPUUtilization', 'Average', server],
    ['metricDatabaseFreeStorage', 'AWS/RDS', 'FreeStorageSpace', 'Minimum', server],
  ];

  it.each(table)('%s is %s %s, %s over five minutes, of the deployed resource', (...row) => {
    const [name, namespace, metricName, statistic, dimensions] = row;
    const metric = pipeline[name]() as Metric;
    expect(metric).toMatchObject({ namespace, metricName, statistic });
    expect(metric.period.toSeconds()).toBe(300);
    const found = stack.resolve(metric.dimensions) as Record<string, unknown>;
    expect(Object.fromEntries(Object.entries(found).map(([key, value]) => [key, text(value)]))).toEqual(
      dimensions(),
    );
  });

  it('the table of this test has every metric', () => {
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(Object.getPrototypeOf(pipeline)));
    expect(methods.filter((one) => /^metric[A-Z]/.test(one)).sort()).toEqual(
      table.map(([name]) => name).sort(),
    );
  });

  it('what the functions record has the dimension that their environment names, and a statistic for an alarm', () => {
    const names = Object.values(template().findResources('AWS::Lambda::Function'))
      .map(({ Properties }) => Properties.Environment?.Variables?.METRICS_PIPELINE as string | undefined)
      .filter((name) => name !== undefined);
    // api, process, sweep, relay and dispatch.
    expect(names).toEqual(Array(5).fill(text(named('ApiGateway::RestApi').Properties.Name)));
    const refused = pipeline.metric('EventsRefused', { Sink: 'kafka' });
    expect(refused).toMatchObject({ namespace: 'Sluice', metricName: 'EventsRefused', statistic: 'Sum' });
    expect(refused.dimensions).toEqual({ Pipeline: names[0], Sink: 'kafka' });
    expect(pipeline.metric('EventsUnsentSeconds').statistic).toBe('Maximum');
    expect(pipeline.metric('EffectiveConcurrency', {}).statistic).toBe('Minimum');
  });

  it.each([
    ['EventsRefused', {}, 'EventsRefused has Sink (eventBridge, webhooks, kafka, queues)'],
    ['EventsRefused', { Sink: 'mail' }, 'EventsRefused has Sink ('],
    ['EventsRefused', { Sink: 'kafka', Code: 'x' }, 'EventsRefused has Sink ('],
    ['EventsUnsent', { Sink: 'kafka' }, 'EventsUnsent has no dimensions'],
  ] as const)(
    '%s with %j is a mistake at synth: an alarm of it would stay silent',
    (name, dimensions, text) => {
      expect(() => pipeline.metric(name, dimensions)).toThrow(new RegExp(text.replace(/[()]/g, '\\$&')));
    },
  );

  it('metrics work for alarms in another stack', () => {
    const stack = new Stack(new App(appProps()), 'Shop');
    const pipeline = pipelineIn(stack);
    const watch = new Stack(stack.node.root as App, 'Watch');
    pipeline.metricDeadLetters().createAlarm(watch, 'DeadLetters', {
      threshold: 1,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    Template.fromStack(watch).resourceCountIs('AWS::CloudWatch::Alarm', 1);
  });

  it('a database that is known by its address only has no metrics', () => {
    const pipeline = pipelineIn(ownStack());
    expect([pipeline.metricDatabaseCpu(), pipeline.metricDatabaseFreeStorage()]).toEqual([
      undefined,
      undefined,
    ]);
  });

  it('metrics of Aurora are those of its cluster, without free storage', () => {
    const stack = ownStack();
    const pipeline = pipelineIn(stack, { database: { engine: 'aurora-serverless' } });
    const cluster = one(Template.fromStack(stack), 'AWS::RDS::DBCluster').id;
    expect(stack.resolve(pipeline.metricDatabaseConnections()?.dimensions)).toEqual({
      DBClusterIdentifier: { Ref: cluster },
    });
    expect(pipeline.metricDatabaseFreeStorage()).toBeUndefined();
  });
});
