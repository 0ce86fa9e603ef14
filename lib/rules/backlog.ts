import { RuleBroken } from './broken.ts';
import { enqueueSeconds, imageSecondsOnLambda } from './measured.ts';
import { jobsRetentionDays } from './retention.ts';

/** The longest wait does not suit what works on the images. */
export class BacklogUnsafe extends RuleBroken {
  override readonly name = 'BacklogUnsafe';
}

/** For this many seconds Lambda keeps an upload event that `enqueue` has no execution for. */
export const eventSeconds = 6 * 3600;
/** The part of the backlog that one tenant may hold (lambda/policy/admission/threshold.ts). */
export const partOfOneTenant = 0.8;
/** The sweep sends an upload again when its ticket has been over for so long (lambda/domain/patience.ts). */
const ticketGraceSeconds = 300;

export interface BacklogFacts {
  admission: { maxBacklogAge: number };
  process: { maxConcurrency: number; batchSize: number; batchWindowSeconds: number };
  enqueue: { maxConcurrency?: number | undefined };
  uploads: { ticketSeconds: number };
}

/** Ordinary photographs that wait for as long as they may. */
export function backlogOf({
  admission: { maxBacklogAge },
  process: { maxConcurrency },
}: Pick<BacklogFacts, 'admission'> & { process: { maxConcurrency: number } }): number {
  return Math.floor((maxBacklogAge * maxConcurrency) / imageSecondsOnLambda);
}

export function backlogMistakes(facts: BacklogFacts): BacklogUnsafe[] {
  const { admission, process, enqueue, uploads } = facts;
  const age = admission.maxBacklogAge;
  const mistakes: BacklogUnsafe[] = [];
  const broken = (message: string) => mistakes.push(new BacklogUnsafe('admission.maxBacklogAge', message));
  const { batchSize, batchWindowSeconds: window } = process;
  const batchSeconds = batchSize * imageSecondsOnLambda + window;
  if (batchSeconds > age * partOfOneTenant)
    broken(
      `Workers cannot meet it: a batch alone takes ${batchSize} (process.batchSize) × ${imageSecondsOnLambda} s + ${window} s ` +
        `(process.batchWindowSeconds) = ${batchSeconds} s > ${100 * partOfOneTenant} % of ${age} s, which one tenant may fill. At least ` +
        `${Math.ceil(batchSeconds / partOfOneTenant)} s.`,
    );
  const ticketSeconds = uploads.ticketSeconds + ticketGraceSeconds;
  if (age > ticketSeconds)
    broken(
      `Uploads would be sent to the queue twice and not be counted while they wait: ${age} s > ${uploads.ticketSeconds} ` +
        `(uploads.ticketSeconds) + ${ticketGraceSeconds} s = ${ticketSeconds} s. Raise uploads.ticketSeconds.`,
    );
  const retentionSeconds = jobsRetentionDays * 86_400;
  if (age > retentionSeconds)
    broken(
      `SQS would delete the last images before their turn: ${age} s > ${retentionSeconds} s (${jobsRetentionDays} days of retention).`,
    );
  const { maxConcurrency: senders } = enqueue;
  if (senders === undefined) return mistakes;
  const images = backlogOf(facts);
  const sendSeconds = Math.ceil((images * enqueueSeconds) / senders);
  if (sendSeconds > eventSeconds)
    broken(
      `Lambda would drop upload events before they are queued: ${age} s × ${process.maxConcurrency} (process.maxConcurrency) / ` +
        `${imageSecondsOnLambda} s = ${images} images × ${enqueueSeconds} s / ${senders} (enqueue.maxConcurrency) = ` +
        `${sendSeconds} s > ${eventSeconds} s.`,
    );
  return mistakes;
}
