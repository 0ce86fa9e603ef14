import { openEventBuses } from '../aws/event-buses.ts';
import { openEventQueues } from '../aws/event-queues.ts';
import { openMessageQueue } from '../aws/message-queue.ts';
import type { Dependencies } from './dependencies.ts';
import type { Sink } from './sink.ts';
import { eventBridgeSink } from './sinks/event-bridge.ts';
import { kafkaSink } from './sinks/kafka.ts';
import { openTopic, type TopicEnvironment } from './sinks/open-topic.ts';
import { queuesSink } from './sinks/queues.ts';
import { webhookSink } from './sinks/webhooks.ts';

/** Variables of the sinks. */
export interface SinkEnvironment extends TopicEnvironment {
  ANALYTICS_EVENTS_QUEUE_URL: string;
  AUDIT_EVENTS_QUEUE_URL: string;
  DELIVERY_RESULTS_QUEUE_URL: string;
  EVENT_BUSES?: string | undefined;
  READY_EVENTS_BUS?: string | undefined;
  EVENT_BUCKET_ARN: string;
}

/** The configured sinks. The consumers read from Kafka if it is configured, else from their queues. */
export function openSinks(
  environment: SinkEnvironment,
  { database, log }: Pick<Dependencies, 'database' | 'log'>,
): Sink[] {
  const { EVENT_BUSES, READY_EVENTS_BUS: readyEventsBus, EVENT_BUCKET_ARN: bucketArn } = environment;
  const topic = openTopic(environment);
  const queueUrls = [environment.ANALYTICS_EVENTS_QUEUE_URL, environment.AUDIT_EVENTS_QUEUE_URL];
  const deliveryResults = openMessageQueue({ queueUrl: environment.DELIVERY_RESULTS_QUEUE_URL });
  const sinks = [
    topic === undefined ? queuesSink(openEventQueues({ queueUrls })) : kafkaSink(topic, log),
    webhookSink({ database, deliveryResults, log }),
  ];
  const buses = EVENT_BUSES?.split(',') ?? [];
  if (buses.length > 0 || readyEventsBus !== undefined)
    sinks.push(eventBridgeSink(openEventBuses(), { buses, readyEventsBus, bucketArn }, log));
  return sinks;
}
