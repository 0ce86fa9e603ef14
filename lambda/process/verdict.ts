import type { SQSRecord } from 'aws-lambda';
import { backoffSeconds } from './backoff.ts';
import { receiveCount } from './records.ts';
import { hiddenJitterSeconds, soonSeconds } from './time-budget.ts';

/** Why a message goes to the dead-letter queue; `attempt` is the one at which its image failed. */
export interface Death {
  reason: 'not_a_job' | 'failed' | 'preset_gone';
  attempt?: number;
  failures: number;
  lastError: string;
}

/**
 * What a message is told. `done` acknowledges it: the event source mapping deletes what is not reported as failed.
 * `ready` acknowledges it too, once the event bus has been told, where there is one, and `dead` once the dead-letter queue
 * has it. Everything else stays in the queue: `again` for its
 * back-off, `soon` for a few seconds (nobody is at fault, there was only no time), `hidden` for so many seconds and a
 * little more.
 */
export type Verdict = 'done' | 'ready' | 'again' | 'soon' | { hidden: number } | { dead: Death };
/** The same, once the event bus has been told. */
export type Settled = Exclude<Verdict, 'ready'>;

/** Seconds that a message stays hidden after this verdict, or undefined where it leaves the queue. */
export function hiddenSeconds(verdict: Settled, record: SQSRecord, random: () => number): number | undefined {
  if (verdict === 'done') return undefined;
  if (verdict === 'soon') return Math.ceil(random() * soonSeconds);
  if (verdict === 'again') return backoffSeconds(receiveCount(record), random);
  if ('dead' in verdict) return undefined;
  return Math.ceil(verdict.hidden + 1 + random() * hiddenJitterSeconds);
}
