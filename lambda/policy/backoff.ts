import { backOff, held } from '../domain/patience.ts';

/**
 * Seconds that a message stays hidden after a transient failure: 5, 10, 20 … 900, by its receive count, with full
 * jitter, so that the messages of an outage do not all return in the same second.
 * @param random a number from 0 to 1, 1 excluded.
 * @param baseSeconds varied by the simulator
 */
export function backoffSeconds(
  receiveCount: number,
  random: () => number,
  baseSeconds: number = backOff.baseSeconds,
): number {
  const ceiling = Math.min(backOff.capSeconds, baseSeconds * 2 ** Math.max(0, receiveCount - 1));
  return Math.ceil(random() * ceiling);
}

/** Seconds that a message stays hidden after its worker waited in vain for the database. */
export function heldSeconds(receiveCount: number, random: () => number): number {
  if (receiveCount <= held.promptReceives) return Math.ceil(random() * held.spreadSeconds);
  return backoffSeconds(receiveCount - held.promptReceives, random);
}
