import { RuleBroken } from './broken.ts';
import { enqueueSeconds, imageSecondsOnLambda } from './measured.ts';
import { jobsRetentionDays } from './retention.ts';

/** The bound of waiting images does not suit what works on them. */
export class BacklogUnsafe extends RuleBroken {
  override readonly name = 'BacklogUnsafe';
}

/** For this many seconds Lambda keeps an upload event that `enqueue` has no execution for. */
export const eventSeconds = 6 * 3600;

export interface BacklogFacts {
  admission: { maxBacklog: number };
  process: { maxConcurrency: number };
  enqueue: { maxConcurrency?: number | undefined };
}

export function backlogMistakes({
  admission: { maxBacklog },
  process,
  enqueue,
}: BacklogFacts): BacklogUnsafe[] {
  const { maxConcurrency } = process;
  const broken = (message: string) => new BacklogUnsafe('admission.maxBacklog', message);
  const drainSeconds = Math.ceil((maxBacklog * imageSecondsOnLambda) / maxConcurrency);
  const retentionSeconds = jobsRetentionDays * 86_400;
  const mistakes: BacklogUnsafe[] = [];
  if (drainSeconds > retentionSeconds)
    mistakes.push(
      broken(
        `SQS would delete the last images before their turn: ${maxBacklog} × ${imageSecondsOnLambda} s / ${maxConcurrency} ` +
          `(process.maxConcurrency) = ${drainSeconds} s > ${retentionSeconds} s (${jobsRetentionDays} days of retention).`,
      ),
    );
  if (maxBacklog < maxConcurrency)
    mistakes.push(
      broken(
        `The API would refuse images while workers are idle: ${maxBacklog} < ${maxConcurrency} (process.maxConcurrency).`,
      ),
    );
  const { maxConcurrency: senders } = enqueue;
  if (senders === undefined) return mistakes;
  const sendSeconds = Math.ceil((maxBacklog * enqueueSeconds) / senders);
  if (sendSeconds > eventSeconds)
    mistakes.push(
      broken(
        `Lambda would drop upload events before they are queued: ${maxBacklog} × ${enqueueSeconds} s / ${senders} ` +
          `(enqueue.maxConcurrency) = ${sendSeconds} s > ${eventSeconds} s.`,
      ),
    );
  return mistakes;
}
