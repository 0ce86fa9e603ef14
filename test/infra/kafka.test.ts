import { describe, expect, it } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/sluice.ts';
import { one, rights, text } from './reading.ts';
import { plain, synthesise } from './synthesis.ts';

type Kafka = NonNullable<NonNullable<SluiceConfig['events']>['kafka']>;
const withKafka = (kafka: Kafka) => synthesise({ events: { kafka } }).pipeline;
const clusterArn =
  'arn:aws:kafka:eu-west-1:111122223333:cluster/images/0f1e2d3c-0000-4000-8000-000000000000-1';
const msk: Kafka = {
  brokers: ['b-1.images.kafka.eu-west-1.amazonaws.com:9098', 'b-2.images.kafka.eu-west-1.amazonaws.com:9098'],
  topic: 'image-events',
  clusterArn,
  login: { kind: 'iam' },
};
const secretArn = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:AmazonMSK_images-abcdef';

const mappings = (template: ReturnType<typeof withKafka>) =>
  Object.values(template.findResources('AWS::Lambda::EventSourceMapping'))
    .map(({ Properties }) => Properties)
    .filter(({ Topics }) => Topics !== undefined);
const variables = (template: ReturnType<typeof withKafka>) =>
  (
    one(template, 'AWS::Lambda::Function', 'Functionsrelay').Properties.Environment as {
      Variables: Record<string, unknown>;
    }
  ).Variables;
const kafkaRights = (template: ReturnType<typeof withKafka>, name: string) =>
  rights(template, `Functions${name}Role`).filter((right) => /^(kafka|secretsmanager)/.test(right));

describe('without events.kafka', () => {
  const { pipeline } = synthesise();

  it('nothing in the template is of Kafka', () => {
    expect(/kafka/i.test(JSON.stringify(pipeline.toJSON()))).toBe(false);
  });

  it.each(['analytics', 'audit'])('%s reads a FIFO queue of its own, in batches of ten', (name) => {
    const queue = one(pipeline, 'AWS::SQS::Queue', name === 'audit' ? 'AuditEvents' : 'AnalyticsEvents');
    expect(queue.Properties).toMatchObject({
      FifoQueue: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
      MessageRetentionPeriod: 864_000,
    });
    const mapping = Object.values(pipeline.findResources('AWS::Lambda::EventSourceMapping')).find(
      ({ Properties }) => text(Properties.EventSourceArn).includes(queue.id),
    );
    expect(mapping?.Properties).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 2 },
    });
  });
});

describe('a cluster of MSK with IAM', () => {
  const template = withKafka(msk);

  it('each consumer reads the topic as a group of its own, in small batches, with partial responses', () => {
    const [analytics, audit] = mappings(template);
    for (const mapping of [analytics, audit])
      expect(mapping).toMatchObject({
        EventSourceArn: clusterArn,
        Topics: ['image-events'],
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 50,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumRetryAttempts: 10_000,
        ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 2 },
        DestinationConfig: {
          OnFailure: {
            Destination: { 'Fn::GetAtt': [one(template, 'AWS::SQS::Queue', 'RefusedEvents').id, 'Arn'] },
          },
        },
      });
    // CloudFormation takes no empty list; app.long.test.ts validates every login.
    for (const mapping of [analytics, audit])
      expect(mapping).not.toHaveProperty('SourceAccessConfigurations');
    const group = (mapping: typeof analytics) =>
      mapping?.AmazonManagedKafkaEventSourceConfig.ConsumerGroupId as string;
    expect(group(analytics)).toMatch(/^sluice-analytics-/);
    expect(group(audit)).toMatch(/^sluice-audit-/);
    expect(mappings(template)).toHaveLength(2);
  });

  it('the relay writes to this topic only, and signs its login', () => {
    expect(variables(template)).toMatchObject({
      KAFKA_BROKERS: msk.brokers.join(','),
      KAFKA_TOPIC: 'image-events',
      KAFKA_LOGIN: 'iam',
      KAFKA_TLS: 'verify',
    });
    const topic = `${clusterArn.replace(':cluster/', ':topic/')}/image-events`;
    expect(kafkaRights(template, 'relay')).toEqual(
      ['Connect', 'DescribeTopic', 'WriteData', 'WriteDataIdempotently']
        .flatMap((action) => [`kafka-cluster:${action} ${clusterArn}`, `kafka-cluster:${action} ${topic}`])
        .sort(),
    );
  });

  it('a consumer reads this topic as its own group only, and writes nothing', () => {
    const may = kafkaRights(template, 'audit');
    expect(may.filter((right) => right.includes('Write'))).toEqual([]);
    expect(may).toContainEqual(
      expect.stringMatching(/^kafka-cluster:AlterGroup .*:group\/images\/.*\/sluice-audit-/),
    );
    expect(may.filter((right) => right.includes('sluice-analytics'))).toEqual([]);
  });

  it('the functions reach the port of the brokers', () => {
    const { data } = synthesise({ events: { kafka: msk } });
    const rules = Object.values(data?.findResources('AWS::EC2::SecurityGroup') ?? {}).flatMap(
      ({ Properties }) =>
        (Properties.SecurityGroupEgress ?? []) as { Description: string; ToPort?: number }[],
    );
    expect(rules.filter(({ Description }) => Description === 'Kafka brokers')).toMatchObject([
      { ToPort: 9_098 },
    ]);
  });
});

it("brokers of one's own with SCRAM are reached by the pollers in their subnets, with the secret", () => {
  const template = withKafka({
    brokers: ['kafka.example.com:9096'],
    login: { kind: 'scram', secretArn },
    pollers: { subnetIds: ['subnet-0a1b2c3d'], securityGroupId: 'sg-0a1b2c3d' },
  });
  expect(mappings(template)[0]).toMatchObject({
    SelfManagedEventSource: { Endpoints: { KafkaBootstrapServers: ['kafka.example.com:9096'] } },
    SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: expect.stringMatching(/^sluice-analytics-/) },
    SourceAccessConfigurations: [
      { Type: 'SASL_SCRAM_512_AUTH', URI: secretArn },
      { Type: 'VPC_SUBNET', URI: 'subnet:subnet-0a1b2c3d' },
      { Type: 'VPC_SECURITY_GROUP', URI: 'security_group:sg-0a1b2c3d' },
    ],
    Topics: ['sluice-image-events'],
  });
  expect(variables(template)).toMatchObject({ KAFKA_LOGIN: 'scram', KAFKA_SECRET_ARN: secretArn });
  for (const name of ['relay', 'analytics', 'audit'])
    expect(kafkaRights(template, name)).toContain(`secretsmanager:GetSecretValue ${secretArn}`);
  expect(kafkaRights(template, 'api')).toEqual([]);
});

it.each<[string, Kafka, string]>([
  [
    'a broker without a port',
    { brokers: ['kafka.example.com'] },
    'events.kafka.brokers[0]: must be host:port',
  ],
  ['no broker', { brokers: [] }, 'events.kafka.brokers: '],
  ['a topic with a slash', { brokers: ['k:9092'], topic: 'a/b' }, 'events.kafka.topic: must be 1-249'],
  [
    'iam without a cluster',
    { brokers: ['k:9098'], login: { kind: 'iam' } },
    'events.kafka.clusterArn: is required',
  ],
  [
    'a password without TLS',
    { brokers: ['k:9092'], tls: 'off', login: { kind: 'plain', secretArn } },
    'events.kafka.tls: must be verify with a login',
  ],
  [
    'plain with MSK',
    { ...msk, login: { kind: 'plain', secretArn } },
    'events.kafka.login.kind: must be iam or scram',
  ],
  [
    'the ARN of something else',
    { ...msk, clusterArn: 'arn:aws:s3:::images' },
    'must be the ARN of a cluster of MSK',
  ],
])('%s is a mistake', (_, kafka, message) => {
  expect(() => resolveConfig({ ...plain, events: { kafka } })).toThrow(message);
});
