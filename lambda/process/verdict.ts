import type { SQSRecord } from 'aws-lambda';
import { backoffSeconds } from './backoff.ts';
import { receiveCount } from './records.ts';

/**
 * What a message is told. `done` acknowledges it: the event source mapping deletes what is not reported as
 * failed. Everything else stays in the queue: `again` for its back-off, `soon` for a few seconds (nobody is at
 * fault, there was only no time), `held` until the lease of another worker ends, `dead` for no time at all, so
 * that the receives which are left pass quickly and the dead-letter queue has it.
 */
export type Verdict = 'done' | 'again' | 'soon' | 'dead' | { held: number };

const soonSeconds = 5;
/** Spread behind the end of a lease, so that its holder's own commit comes first. */
const heldJitterSeconds = 10;

/** Seconds that a message stays hidden after this verdict, or undefined where it is done with. */
export function hiddenSeconds(verdict: Verdict, record: SQSRecord, random: () => number): number | undefined {
  if (verdict === 'done') return undefined;
  if (verdict === 'dead') return 0;
  if (verdict === 'soon') return Math.ceil(random() * soonSeconds);
  if (verdict === 'again') return backoffSeconds(receiveCount(record), random);
  return Math.ceil(verdict.held + 1 + random() * heldJitterSeconds);
}
