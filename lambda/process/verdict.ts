import type { SQSRecord } from 'aws-lambda';
import { backoffSeconds, heldSeconds } from '../policy/backoff.ts';
import { receiveCount } from './records.ts';
import { hiddenJitterSeconds, soonSeconds } from './time-budget.ts';

/**
 * What happens to the messages of an image. These leave the queue, because the event source mapping deletes what is not
 * reported as failed:
 * - `done`;
 * - `dead` (why), after the dead-letter queue accepted it, with the attempt at which the image failed.
 *
 * These stay: `again` for its back-off, `soon` for a few seconds (only time was short), `held` after the invocation waited
 * in vain for the database, `spread` for up to these seconds, `hidden` for these seconds and a few more.
 */
export type Verdict =
  | 'done'
  | 'again'
  | 'soon'
  | 'held'
  | { spread: number }
  | { hidden: number }
  | { dead: 'failed' | 'preset_gone'; attempt: number; failures: number; lastError: string };

/** Seconds that a message stays hidden after this verdict; undefined if it leaves the queue. */
export function hiddenSeconds(verdict: Verdict, record: SQSRecord, random: () => number): number | undefined {
  if (verdict === 'soon') return Math.ceil(random() * soonSeconds);
  if (verdict === 'again') return backoffSeconds(receiveCount(record), random);
  if (verdict === 'held') return heldSeconds(receiveCount(record), random);
  if (typeof verdict === 'string' || 'dead' in verdict) return undefined;
  if ('spread' in verdict) return Math.ceil(random() * verdict.spread);
  return Math.ceil(verdict.hidden + 1 + random() * hiddenJitterSeconds);
}
