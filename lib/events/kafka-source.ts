import { Port } from 'aws-cdk-lib/aws-ec2';
import { CfnEventSourceMapping, type IAlias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { PipelineFunction } from '../compute/pipeline-function.ts';
import type { KafkaConfig } from '../config/kafka.ts';
import type { FunctionNetwork } from '../data/connection.ts';
import { Endpoints } from '../data/endpoints.ts';
import { allow } from '../policies/allow.ts';

/**
 * `max.poll.records`: a batch is one statement of some 20 ms, so that a slow database is asked for little at once, and what
 * comes again after a failure is little.
 */
const batchSize = 50;
/**
 * Error handling by record needs provisioned pollers
 * (https://docs.aws.amazon.com/lambda/latest/dg/kafka-retry-configurations.html). One poller takes up to 5 MB/s.
 */
const pollers = { minimumPollers: 1, maximumPollers: 2 };
/**
 * An outage must not send good events to the queue of refused ones. Without a number Lambda stops after ten attempts where
 * there is a destination; this is the highest.
 */
const mostAttempts = 10_000;

export interface KafkaSourceProps {
  kafka: KafkaConfig;
  relay: PipelineFunction;
  /** By name, which is their consumer group. */
  consumers: Readonly<Record<string, PipelineFunction>>;
  /** ARN of the queue for records that no consumer can process. */
  refusedEventsArn: string;
  network: FunctionNetwork | undefined;
}

/** Lets the relay write to a topic and delivers it to the consumers, each a group of its own. */
export class KafkaSource extends Construct {
  constructor(scope: Construct, id: string, props: KafkaSourceProps) {
    super(scope, id);
    const { kafka, relay, consumers } = props;
    for (const statement of loginStatements(kafka)) relay.permit(statement);
    if (kafka.login.kind === 'iam') relay.permit(this.#mayWrite(kafka));
    // The pollers read the secret from outside the network.
    if ('secretArn' in kafka.login && props.network !== undefined)
      Endpoints.of(props.network.vpc)?.allowSecrets(this, [kafka.login.secretArn]);
    // A group of the pipeline's own lets nothing else out. The brokers' group must let it in.
    for (const group of props.network?.securityGroups ?? [])
      for (const port of portsOf(kafka)) group.connections.allowToAnyIpv4(Port.tcp(port), 'Kafka brokers');
    for (const [name, consumer] of Object.entries(consumers)) {
      for (const statement of this.#mayConsume(name, kafka)) consumer.permit(statement);
      this.#map(name, consumer.alias, props);
    }
  }

  #map(name: string, target: IAlias, { kafka, refusedEventsArn }: KafkaSourceProps): void {
    const access = accessOf(kafka);
    const consumerGroupId = `sluice-${name}-${this.node.addr.slice(-8)}`;
    new CfnEventSourceMapping(this, name, {
      functionName: target.functionArn,
      topics: [kafka.topic],
      // The trail and the roll-up begin with what the topic still has.
      startingPosition: 'TRIM_HORIZON',
      batchSize,
      maximumBatchingWindowInSeconds: 0,
      functionResponseTypes: ['ReportBatchItemFailures'],
      maximumRetryAttempts: mostAttempts,
      provisionedPollerConfig: pollers,
      destinationConfig: { onFailure: { destination: refusedEventsArn } },
      ...(kafka.clusterArn === undefined
        ? {
            selfManagedEventSource: { endpoints: { kafkaBootstrapServers: kafka.brokers } },
            selfManagedKafkaEventSourceConfig: { consumerGroupId },
          }
        : { eventSourceArn: kafka.clusterArn, amazonManagedKafkaEventSourceConfig: { consumerGroupId } }),
      // CloudFormation takes no empty list: a login by IAM needs none, the brokers of MSK tell where they are.
      ...(access.length === 0 ? {} : { sourceAccessConfigurations: access }),
    });
  }

  #mayWrite(kafka: KafkaConfig) {
    const topic = this.#arn(kafka, 'topic', kafka.topic);
    return allow(
      'WriteEvents',
      [
        ...['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'],
        ...['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'],
      ],
      [kafka.clusterArn ?? '', topic],
    );
  }

  /** The pollers use the function's role. */
  #mayConsume(name: string, kafka: KafkaConfig) {
    const { clusterArn, login } = kafka;
    const inVpc = clusterArn !== undefined || kafka.pollers !== undefined;
    const interfaces = ['ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups'];
    return [
      ...loginStatements(kafka),
      // EC2 supports no narrower resource.
      ...(inVpc ? [allow('PollersInVpc', interfaces, ['*'])] : []),
      ...(clusterArn === undefined
        ? []
        : [allow('Cluster', ['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], [clusterArn])]),
      ...(login.kind === 'iam'
        ? [
            allow(
              'ReadEvents',
              [
                ...['kafka-cluster:Connect', 'kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'],
                ...['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'],
                'kafka-cluster:DescribeClusterDynamicConfiguration',
              ],
              [
                ...[clusterArn ?? '', this.#arn(kafka, 'topic', kafka.topic)],
                this.#arn(kafka, 'group', `sluice-${name}-${this.node.addr.slice(-8)}`),
              ],
            ),
          ]
        : []),
    ];
  }

  /** ARN of a topic or group of the cluster: its own ends with `cluster/<name>/<id>`. */
  #arn({ clusterArn = '' }: KafkaConfig, kind: 'topic' | 'group', name: string): string {
    return `${clusterArn.replace(':cluster/', `:${kind}/`)}/${name}`;
  }
}

function loginStatements({ login }: KafkaConfig) {
  if (!('secretArn' in login)) return [];
  return [
    allow('KafkaLogin', ['secretsmanager:GetSecretValue'], [login.secretArn]),
    ...(login.keyArn === undefined ? [] : [allow('KafkaLoginKey', ['kms:Decrypt'], [login.keyArn])]),
  ];
}

function accessOf({ login, pollers: placed }: KafkaConfig): { type: string; uri: string }[] {
  return [
    ...('secretArn' in login
      ? [{ type: login.kind === 'scram' ? 'SASL_SCRAM_512_AUTH' : 'BASIC_AUTH', uri: login.secretArn }]
      : []),
    ...(placed?.subnetIds ?? []).map((id) => ({ type: 'VPC_SUBNET', uri: `subnet:${id}` })),
    ...(placed === undefined
      ? []
      : [{ type: 'VPC_SECURITY_GROUP', uri: `security_group:${placed.securityGroupId}` }]),
  ];
}

const portsOf = ({ brokers }: KafkaConfig): number[] => [
  ...new Set(brokers.map((broker) => Number(broker.split(':')[1]))),
];
