import { queueOf } from '../deliveries.ts';
import { receivesOf } from '../queues.ts';
import { findingIf, type TemplateRule } from '../rule.ts';
import type { Scope } from '../scope.ts';

/** As AWS advises for queues in front of functions. */
const advised = 5;

/** Findings about how often the queue of a delivery lets a message be received. */
function judged(
  { templates, deliveries }: Scope,
  describe: (receives: number | undefined, queue: ReturnType<typeof queueOf>) => string | undefined,
) {
  return deliveries.flatMap((delivery) =>
    findingIf(delivery.queue ?? delivery.mapping, () => {
      const queue = queueOf(delivery);
      return describe(receivesOf(templates, queue), queue);
    }),
  );
}

/** A message survives one failed receive. */
export const receives: TemplateRule = {
  name: 'Receives',
  severity: 'error',
  fix: `Raise maxReceiveCount of the queue to ${advised} or more.`,
  findings: (scope) =>
    judged(scope, (count) =>
      count === 1
        ? 'maxReceiveCount is 1: 1 − 1 = 0 retries, so a message whose first receive is throttled or fails goes to the ' +
          'dead-letter queue'
        : undefined,
    ),
};

/** Throttled receives and failures of the database count, so a few receives do not outlast either. */
export const fewReceives: TemplateRule = {
  name: 'FewReceives',
  severity: 'warning',
  fix: receives.fix,
  findings: (scope) =>
    judged(scope, (count) =>
      count !== undefined && count > 1 && count < advised
        ? `maxReceiveCount is ${count} < ${advised}: throttled receives, failed batches and outages of the database ` +
          'count against healthy messages'
        : undefined,
    ),
};

/** A message that is hidden for as long as the queue keeps it is received once. */
function isReceivedOnce(templates: Scope['templates'], queue: ReturnType<typeof queueOf>): boolean {
  // AWS's defaults: four days, 30 s.
  const kept = templates.number(queue, ['MessageRetentionPeriod'], 4 * 86_400);
  return templates.number(queue, ['VisibilityTimeout'], 30) >= kept;
}

/** A queue in front of a function has a dead-letter queue, unless its messages are received once. */
export const redrive: TemplateRule = {
  name: 'Redrive',
  severity: 'error',
  fix: 'Add a RedrivePolicy to the queue (`deadLetterQueue` of Queue) whose target keeps messages for 14 days.',
  findings: (scope) =>
    judged(scope, (count, queue) =>
      count === undefined && !isReceivedOnce(scope.templates, queue)
        ? 'the queue has no redrive policy: a message that always fails takes an execution and a connection again and ' +
          'again until it expires, and is then lost'
        : undefined,
    ),
};
