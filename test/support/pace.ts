import { readFileSync } from 'node:fs';

/*
 * Limits of tests must not be guesses about the machine. A limit is what a quiet machine of two cores needs in the worst
 * case, multiplied by how much slower this machine is now, which pace-setup.ts measures throughout the run.
 */

/** Environment variable with the path of the latest measurement; set by pace-setup.ts for all child processes. */
export const paceVariable = 'SLUICE_TEST_PACE';

/** How many times longer a process takes now than on a quiet machine of two cores; at least 1. */
export function pace(): number {
  const file = process.env[paceVariable];
  if (file === undefined) throw new Error('test/support/pace-setup.ts is not among the globalSetup');
  return Number(readFileSync(file, 'utf8'));
}

/** A limit in milliseconds for this machine, from that of a quiet one. */
export function patience(ms: number): number {
  return Math.ceil(ms * pace());
}

/** The size of a flood: `whole` on a quiet machine, fewer on a slow one to take about as long; at least `least`. */
export function fitting(whole: number, least: number): number {
  return Math.max(least, Math.round(whole / pace()));
}

/** Starts a wait. @returns whether more than `ms` of a quiet machine have passed, by the pace at the time of the call */
export function waiting(ms: number): () => boolean {
  const began = performance.now();
  return () => performance.now() - began > patience(ms);
}
