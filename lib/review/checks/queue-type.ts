import { queueOf } from '../deliveries.ts';
import { deadLettersOf, isFifo } from '../queues.ts';
import { findingIf, type TemplateRule } from '../rule.ts';
import type { Scope } from '../scope.ts';

/** FIFO and standard queues differ in what Lambda and SQS accept; a deploy would fail half-way. */
export const queueType: TemplateRule = {
  name: 'QueueType',
  severity: 'error',
  fix:
    'Use a dead-letter queue of the same type as its source; for a FIFO queue batches of up to 10 without a window, for a ' +
    'standard queue a window of at least 1 s if batches are larger than 10.',
  findings: (scope) => [...ofDeadLetters(scope), ...ofBatches(scope)],
};

const typeOf = (fifo: boolean) => (fifo ? 'FIFO' : 'standard');

function ofDeadLetters({ templates, queues }: Scope) {
  return queues.flatMap((queue) =>
    findingIf(queue, () => {
      const deadLetters = deadLettersOf(templates, queue);
      if (deadLetters === undefined) return undefined;
      const [own, other] = [isFifo(templates, queue), isFifo(templates, deadLetters)];
      if (own === other) return undefined;
      return (
        `the dead-letter queue of a ${typeOf(own)} queue must be one too, and ${deadLetters.path} is a ` +
        `${typeOf(other)} queue`
      );
    }),
  );
}

function ofBatches({ templates, deliveries }: Scope) {
  return deliveries.flatMap((delivery) =>
    findingIf(delivery.mapping, () => {
      const fifo = isFifo(templates, queueOf(delivery));
      const size = templates.number(delivery.mapping, ['BatchSize'], 10);
      const window = templates.number(delivery.mapping, ['MaximumBatchingWindowInSeconds'], 0);
      if (fifo && window > 0) return `a FIFO queue supports no batching window: ${window} s > 0`;
      if (fifo && size > 10) return `a batch of a FIFO queue has at most 10 messages: ${size} > 10`;
      return !fifo && size > 10 && window < 1
        ? `a batch of ${size} > 10 messages needs a batching window of at least 1 s: ${window} < 1`
        : undefined;
    }),
  );
}
