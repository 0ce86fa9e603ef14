import { requireRetention } from '../../rules/retention.ts';
import { findingsOf, type TemplateRule } from '../rule.ts';
import { numberOf } from '../template.ts';

const day = 86_400;

/** A dead-letter queue keeps messages longer than each queue that it serves. */
export const retention: TemplateRule = {
  name: 'Retention',
  fix: 'Raise MessageRetentionPeriod of the dead-letter queue, or lower that of its source.',
  findings: (templates) =>
    templates.ofType('AWS::SQS::Queue').flatMap(({ properties, templatePath }) => {
      const redrive = properties.RedrivePolicy as { deadLetterTargetArn?: unknown } | undefined;
      const deadLetters = templates.resourceOf(redrive?.deadLetterTargetArn, templatePath);
      if (deadLetters === undefined) return [];
      // Default: four days.
      const sourceSeconds = numberOf(properties.MessageRetentionPeriod, 4 * day);
      const deadLetterSeconds = numberOf(deadLetters.properties.MessageRetentionPeriod, 4 * day);
      if (sourceSeconds === undefined || deadLetterSeconds === undefined) return [];
      return findingsOf(deadLetters, () => requireRetention(sourceSeconds / day, deadLetterSeconds / day));
    }),
};
