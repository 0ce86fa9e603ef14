import { deadLetterDays, ticketGraceSeconds } from '../../lambda/domain/patience.ts';
import { RuleBroken } from './broken.ts';
import { jobsRetentionDays } from './retention.ts';

/** Something would be deleted while it is still needed. */
export class KeptTooShort extends RuleBroken {
  override readonly name = 'KeptTooShort';
}

interface Retention {
  idempotencySeconds: number;
  originalsDays?: number | undefined;
  rows: { failedDays: number };
}

export function keepingMistakes(
  { idempotencySeconds, originalsDays, rows }: Retention,
  { ticketSeconds }: { ticketSeconds: number },
): KeptTooShort[] {
  const mistakes: KeptTooShort[] = [];
  const ticket = ticketSeconds + ticketGraceSeconds;
  if (idempotencySeconds < ticket)
    mistakes.push(
      new KeptTooShort(
        'retention.idempotencySeconds',
        'A repeated request would make a second image while the ticket of the first is in use: uploads.ticketSeconds ' +
          `${ticketSeconds} + ${ticketGraceSeconds} s for an upload in progress = ${ticket} > ${idempotencySeconds}.`,
      ),
    );
  if (originalsDays !== undefined && originalsDays <= jobsRetentionDays)
    mistakes.push(
      new KeptTooShort(
        'retention.originalsDays',
        `The bucket would delete originals that wait in the queue: it keeps jobs for ${jobsRetentionDays} days ≥ ${originalsDays}. ` +
          `At least ${jobsRetentionDays + 1}.`,
      ),
    );
  if (rows.failedDays <= deadLetterDays)
    mistakes.push(
      new KeptTooShort(
        'retention.rows.failedDays',
        `A failed image would be deleted while its message in the dead-letter queue may be redriven: ${deadLetterDays} ` +
          `days ≥ ${rows.failedDays}. At least ${deadLetterDays + 1}.`,
      ),
    );
  return mistakes;
}
