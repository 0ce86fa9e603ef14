import { RuleBroken } from './broken.ts';

export class RetentionTooShort extends RuleBroken {
  override readonly name = 'RetentionTooShort';
}

/** Days. A job that has failed for four days needs a person, who has ten more days to act. */
export const jobsRetentionDays = 4;

/**
 * A message's age counts from its first enqueue, also in the DLQ: a message that waited 4 days in the queue is kept only
 * for the difference.
 * @throws RetentionTooShort
 */
export function requireRetention(sourceDays: number, deadLetterDays: number): void {
  if (deadLetterDays > sourceDays) return;
  throw new RetentionTooShort(
    'retention',
    'the DLQ must keep messages longer than its queue, because their age counts from the first enqueue: ' +
      `${deadLetterDays} − ${sourceDays} = ${deadLetterDays - sourceDays} days would be left`,
  );
}
