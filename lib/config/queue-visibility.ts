import { type Catalogue, catalogue } from '../catalogue/catalogue.ts';
import type { SizedBy } from '../catalogue/definition.ts';
import { type InnerQueue, innerQueue } from '../catalogue/inner-queues.ts';
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
