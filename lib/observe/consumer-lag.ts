import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { PipelineFunction } from '../compute/pipeline-function.ts';
import type { ResolvedConfig } from '../config/schema.ts';

/** Consumers of the events of images. */
export type EventConsumer = 'analytics' | 'audit';

/**
 * When a consumer lags too much, for three periods of five minutes in a row. A flood alone is no reason: the consumers
 * drained 20,000 events in 18 s (docs/events.md), and both numbers are far from where events are lost, which is after ten
 * days in a queue.
 */
const tooMuch = { seconds: 300, records: 10_000 };
const periods = 3;

export interface ConsumerLagProps {
  consumers: Readonly<Record<EventConsumer, { function: PipelineFunction; queue: Queue }>>;
  config: ResolvedConfig;
}

/**
 * How far the consumers of events are behind: with queues the age of the oldest event in seconds, with Kafka the records
 * between the end of the topic and what the consumer's group has processed. Each has
 * an alarm, which notifies `deploy.alarmTopicArn`.
 */
export class ConsumerLag extends Construct {
  readonly alarms: Readonly<Record<EventConsumer, Alarm>>;
  readonly #props: ConsumerLagProps;
  readonly #kafka: boolean;

  constructor(scope: Construct, id: string, props: ConsumerLagProps) {
    super(scope, id);
    this.#props = props;
    this.#kafka = props.config.events.kafka !== undefined;
    this.alarms = { analytics: this.#alarm('analytics'), audit: this.#alarm('audit') };
  }

  metric(consumer: EventConsumer, options?: MetricOptions): Metric {
    const { function: own, queue } = this.#props.consumers[consumer];
    if (!this.#kafka) return queue.metricApproximateAgeOfOldestMessage(options);
    // Lambda records it for the topic as a whole (docs "Types of metrics for Lambda functions").
    return own.function.metric('OffsetLag', { statistic: 'Maximum', ...options });
  }

  #alarm(consumer: EventConsumer): Alarm {
    const [threshold, unit] = this.#kafka ? [tooMuch.records, 'events'] : [tooMuch.seconds, 's'];
    const alarm = new Alarm(this, `${consumer}Lags`, {
      metric: this.metric(consumer, { period: Duration.minutes(5) }),
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // An idle queue has no data.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `${consumer} is ${threshold} ${unit} behind the events for 15 minutes: docs/operations.md, "Consumers that lag"`,
    });
    const { alarmTopicArn } = this.#props.config.deploy;
    if (alarmTopicArn !== undefined) {
      const notify = { bind: () => ({ alarmActionArn: alarmTopicArn }) };
      alarm.addAlarmAction(notify);
      alarm.addOkAction(notify);
    }
    return alarm;
  }
}
