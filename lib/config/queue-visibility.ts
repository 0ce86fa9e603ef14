import { type Catalogue, catalogue } from '../catalogue/catalogue.ts';
import type { SizedBy } from '../catalogue/definition.ts';
import { type InnerQueue, innerQueue, mostReceives } from '../catalogue/inner-queues.ts';
import { queueConsumers } from '../catalogue/select.ts';
import { visibilityTimeout } from '../rules/visibility.ts';

/** Visibility timeout of a queue between functions in seconds, by the timeout of its consumer. */
export function innerVisibility(
  queue: InnerQueue,
  config: SizedBy,
  functions: Catalogue = catalogue,
): number {
  // SQS's default.
  if (innerQueue(queue).parked) return 30;
  const consumer = queueConsumers(functions).find(({ trigger }) => trigger.queue === queue);
  if (consumer === undefined) throw new TypeError(`no function has the trigger ${queue}`);
  return visibilityTimeout({
    timeoutSeconds: consumer.definition.timeoutSeconds(config),
    batchWindowSeconds: 0,
  });
}

/**
 * Receives after which a message of a queue between functions is parked. All of them take half of the retention: a message
 * is hidden for the visibility timeout each time and may wait as long for its next turn, and SQS drops what is too old.
 */
export function innerReceives(queue: InnerQueue, config: SizedBy, functions: Catalogue = catalogue): number {
  const { retentionSeconds } = innerQueue(queue);
  return Math.min(mostReceives, Math.floor(retentionSeconds / 2 / innerVisibility(queue, config, functions)));
}
