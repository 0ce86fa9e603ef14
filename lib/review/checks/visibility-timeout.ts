import { visibilityTimeout } from '../../rules/visibility.ts';
import { queueOf } from '../deliveries.ts';
import { findingsOf, type TemplateRule } from '../rule.ts';

/** Each queue in front of a function hides a message for 6 × the function's timeout + the batch window. */
export const visibility: TemplateRule = {
  name: 'Visibility',
  severity: 'error',
  fix: 'Raise the VisibilityTimeout of the queue, or lower the Timeout of the function behind it.',
  findings: ({ templates, deliveries }) =>
    deliveries.flatMap((delivery) => {
      const { mapping, queue, target } = delivery;
      const findings = findingsOf(queue ?? mapping, () => {
        visibilityTimeout({
          // AWS's defaults: 30 s hidden, 3 s timeout, no window.
          visibilityTimeoutSeconds: templates.number(queueOf(delivery), ['VisibilityTimeout'], 30),
          timeoutSeconds: templates.number(target, ['Timeout'], 3),
          batchWindowSeconds: templates.number(mapping, ['MaximumBatchingWindowInSeconds'], 0),
        });
      });
      return findings.map((one) =>
        one.unknown ? one : { ...one, description: `VisibilityTimeout ${one.description}` },
      );
    }),
};
