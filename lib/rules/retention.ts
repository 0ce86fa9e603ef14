import { RuleBroken } from './broken.ts';

/** Messages would expire in the DLQ before anybody looks. */
export class RetentionTooShort extends RuleBroken {
  override readonly name = 'RetentionTooShort';
}

/** Days. A job that nobody could do in four days needs a person, and ten days remain for that. */
export const jobsRetentionDays = 4;

/**
 * A message's age counts from its first enqueue, also in the DLQ: what waited 4 days in the queue is kept for the
 * difference only.
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
