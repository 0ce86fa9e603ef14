import { functionSpecifications } from '../bundling/specifications.ts';
import type { ResolvedConfig } from '../config/schema.ts';
import { type CostItem, lambda, logs, million, millions, part } from './cost-item.ts';
import { prices } from './prices.ts';
import { perImage } from './usage.ts';

/** What the events of an image use. Nothing of it ran on AWS: durations are assumed. */
export const eventUsage = {
  /** image.admitted, and image.ready or another end (docs/events.md). */
  perImage: 2,
  consumers: 2,
  /** Of a queue (lib/catalogue/consumers.ts), and of a topic (lib/events/kafka-source.ts). */
  batch: { queue: 10, topic: 50 },
  /** A lease lets one relay work at a time; a nudge that comes meanwhile is turned away. */
  relayRunsPerSecond: 5,
  relaySeconds: 0.2,
  /**
   * A statement of some 20 ms locally, and a connection to the database with TLS. A consumer has two executions, so that
   * it begins 20 batches a second; above that the batches are fuller.
   */
  consumerSeconds: 0.1,
  batchesPerSecond: 20,
  /** Deliveries: one endpoint of each tenant, for image.ready. A receiver answers in a quarter of a second. */
  deliveries: 1,
  dispatchSeconds: 0.1,
  deliverSeconds: 0.3,
  /** Send, receive and delete, without batching. */
  messageRequests: 3,
} as const;

/** The cost of the events of this many images: the relay, its sinks, the consumers and one webhook. */
export function eventCost(config: ResolvedConfig, images: number, seconds: number): CostItem[] {
  const { deploy, events: configured } = config;
  const specifications = functionSpecifications(config);
  const events = images * eventUsage.perImage;
  const runs = Math.min(events, seconds * eventUsage.relayRunsPerSecond);
  const fullest = configured.kafka === undefined ? eventUsage.batch.queue : eventUsage.batch.topic;
  const batches = Math.max(events / fullest, Math.min(events, seconds * eventUsage.batchesPerSecond));
  const deliveries = images * eventUsage.deliveries;
  // The results, and the nudges of the relay.
  const dispatched = deliveries + runs;
  const put = (configured.eventBridge === false ? 0 : events) + (deploy.readyEvents ? images : 0);
  const calls = [
    ['relay', runs, eventUsage.relaySeconds],
    ['analytics', batches, eventUsage.consumerSeconds],
    ['audit', batches, eventUsage.consumerSeconds],
    ['dispatch', dispatched, eventUsage.dispatchSeconds],
    ['deliver', deliveries, eventUsage.deliverSeconds],
  ] as const;
  const toConsumers = configured.kafka === undefined ? batches * eventUsage.consumers : 0;
  // Nudges; what the consumers read; the requests and results of webhooks, and that deliveries are due.
  const messages = runs + toConsumers + deliveries * 2 + runs;
  const requests = messages * eventUsage.messageRequests;
  const invocations = calls.reduce((sum, [, count]) => sum + count, 0);
  return [
    ...calls.map(([name, count, duration]) =>
      lambda('images', config, name, count, duration, specifications[name].memoryMb),
    ),
    part(
      'images',
      'queue',
      'SQS for events',
      million(requests) * prices.sqsMillion,
      `${millions(requests)} requests`,
    ),
    ...(put > 0
      ? [
          part(
            'images',
            'queue',
            'EventBridge',
            million(put) * prices.eventMillion,
            `${millions(put)} events below 64 kB`,
          ),
        ]
      : []),
    logs('images', 'Logs for events', invocations * perImage.logBytesPerInvocation, deploy.logDays),
  ];
}
