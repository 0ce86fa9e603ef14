import { openEventBuses } from '../aws/event-buses.ts';
import { openEventQueues } from '../aws/event-queues.ts';
import type { Log } from '../runtime/logger.ts';
import type { Sink } from './sink.ts';
import { eventBridgeSink } from './sinks/event-bridge.ts';
import { kafkaSink } from './sinks/kafka.ts';
import { openTopic, type TopicEnvironment } from './sinks/open-topic.ts';
import { queuesSink } from './sinks/queues.ts';

/** Variables of the sinks. */
export interface SinkEnvironment extends TopicEnvironment {
  ANALYTICS_EVENTS_QUEUE_URL: string;
  AUDIT_EVENTS_QUEUE_URL: string;
  EVENT_BUSES?: string | undefined;
  READY_EVENTS_BUS?: string | undefined;
  EVENT_BUCKET_ARN: string;
}

/** The configured sinks. The consumers read from Kafka if it is configured, else from their queues. */
export function openSinks(environment: SinkEnvironment, log: Log): Sink[] {
  const sinks: Sink[] = [];
  const { EVENT_BUSES, READY_EVENTS_BUS: readyEventsBus, EVENT_BUCKET_ARN: bucketArn } = environment;
  const buses = EVENT_BUSES?.split(',') ?? [];
  if (buses.length > 0 || readyEventsBus !== undefined)
    sinks.push(eventBridgeSink(openEventBuses(), { buses, readyEventsBus, bucketArn }, log));
  const topic = openTopic(environment);
  const queueUrls = [environment.ANALYTICS_EVENTS_QUEUE_URL, environment.AUDIT_EVENTS_QUEUE_URL];
  sinks.push(topic === undefined ? queuesSink(openEventQueues({ queueUrls })) : kafkaSink(topic, log));
  return sinks;
}
