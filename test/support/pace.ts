import { readFileSync } from 'node:fs';

/*
 * No limit of a test is a guess about the machine that it runs on. A limit is written as what a quiet machine of two cores
 * needs at the very most, and multiplied by how much slower this one is now: pace-setup.ts measures that all through the run.
 */

/** Names the file that holds the newest measurement; set by pace-setup.ts for all that it starts. */
export const paceVariable = 'SLUICE_TEST_PACE';

/** How many times longer a process takes here, now, than on a quiet machine of two cores; never less than 1. */
export function pace(): number {
  const file = process.env[paceVariable];
  if (file === undefined) throw new Error('test/support/pace-setup.ts is not among the globalSetup');
  return Number(readFileSync(file, 'utf8'));
}

/** A limit in milliseconds, given for a quiet machine, as this one needs it. */
export function patience(ms: number): number {
  return Math.ceil(ms * pace());
}

/** The size of a flood: `whole` on a quiet machine, less on a slow one, so that it takes about as long; at least `least`. */
export function fitting(whole: number, least: number): number {
  return Math.max(least, Math.round(whole / pace()));
}

/** Begins to wait: answers whether more than `ms` of a quiet machine have passed, by the pace at the time of asking. */
export function waiting(ms: number): () => boolean {
  const began = performance.now();
  return () => performance.now() - began > patience(ms);
}
