import { requireRetention } from '../../rules/retention.ts';
import { deadLettersOf, isFifo } from '../queues.ts';
import { type Finding, findingsOf, type TemplateRule } from '../rule.ts';

const day = 86_400;

/**
 * A dead-letter queue keeps messages longer than each queue that it serves. Those of FIFO queues count a message's age
 * from its move.
 */
export const retention: TemplateRule = {
  name: 'Retention',
  severity: 'error',
  fix: 'Raise MessageRetentionPeriod of the dead-letter queue, or lower that of its source.',
  findings: ({ templates, queues }) =>
    queues.flatMap((queue) => {
      let findings: Finding[] = [];
      const unknown = findingsOf(queue, () => {
        const deadLetters = deadLettersOf(templates, queue);
        if (deadLetters === undefined || isFifo(templates, queue)) return;
        // Default: four days.
        const days = (one: typeof queue) => templates.number(one, ['MessageRetentionPeriod'], 4 * day) / day;
        findings = findingsOf(deadLetters, () => requireRetention(days(queue), days(deadLetters)));
      });
      return [...unknown, ...findings];
    }),
};
