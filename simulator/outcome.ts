import { backoffSeconds, heldSeconds } from '../lambda/policy/backoff.ts';
import { hiddenJitterSeconds, soonSeconds } from '../lambda/process/time-budget.ts';

/** What happens to the messages of an image (lambda/process/verdict.ts): they leave the queue, or stay hidden for these seconds. */
export type Verdict = 'done' | 'dead' | { hidden: (receives: number) => number };

/** Of the work on one image, as it is recorded. */
export type Outcome =
  | { end: 'ready'; pending: boolean }
  | { end: 'rejected' }
  | { completed: boolean }
  | { released: Verdict };

/** For a few seconds: only time was short. */
export const soon = (random: () => number): Verdict => ({ hidden: () => Math.ceil(random() * soonSeconds) });
/** After the invocation waited in vain for the database. */
export const held = (random: () => number): Verdict => ({
  hidden: (receives) => heldSeconds(receives, random),
});
/** For its back-off. */
export const again = (random: () => number, baseSeconds?: number): Verdict => ({
  hidden: (receives) => backoffSeconds(receives, random, baseSeconds),
});
/** Until the lease of another worker is over. */
export const busy = (seconds: number, random: () => number): Verdict => ({
  hidden: () => Math.ceil(seconds + 1 + random() * hiddenJitterSeconds),
});
