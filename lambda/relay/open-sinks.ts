import { openEventBuses } from '../aws/event-buses.ts';
import { openEventQueues } from '../aws/event-queues.ts';
import { openMessageQueue } from '../aws/message-queue.ts';
import type { Log } from '../runtime/logger.ts';
import type { Dependencies } from './dependencies.ts';
import type { Sink } from './sink.ts';
import { eventBridgeSink } from './sinks/event-bridge.ts';
import { queuesSink } from './sinks/queues.ts';
import { webhookSink } from './sinks/webhooks.ts';

/** Variables of the sinks. */
export interface SinkEnvironment {
  EVENT_BUSES?: string | undefined;
  READY_EVENTS_BUS?: string | undefined;
  EVENT_BUCKET_ARN: string;
  ANALYTICS_EVENTS_QUEUE_URL: string;
  AUDIT_EVENTS_QUEUE_URL: string;
  DELIVERY_RESULTS_QUEUE_URL: string;
}

/** The configured sinks. */
export function openSinks(
  environment: SinkEnvironment,
  { database, log }: Pick<Dependencies, 'database' | 'log'>,
): Sink[] {
  const queueUrls = [environment.ANALYTICS_EVENTS_QUEUE_URL, environment.AUDIT_EVENTS_QUEUE_URL];
  const deliveryResults = openMessageQueue({ queueUrl: environment.DELIVERY_RESULTS_QUEUE_URL });
  return [
    ...eventBridge(environment, log),
    queuesSink(openEventQueues({ queueUrls })),
    webhookSink({ database, deliveryResults, log }),
  ];
}

function eventBridge(
  { EVENT_BUSES, READY_EVENTS_BUS: readyEventsBus, EVENT_BUCKET_ARN: bucketArn }: SinkEnvironment,
  log: Log,
): Sink[] {
  const buses = EVENT_BUSES?.split(',') ?? [];
  if (buses.length === 0 && readyEventsBus === undefined) return [];
  return [eventBridgeSink(openEventBuses(), { buses, readyEventsBus, bucketArn }, log)];
}
