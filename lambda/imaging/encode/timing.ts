import type { Timing } from '../inspect/inspect.ts';

/** sharp's limit of a delay in milliseconds and of the number of loops; WebP itself counts loops in 16 bits. */
const most = 65_535;

/**
 * Delays and loops of a source within the encoder's limits. A GIF may have 65,536 loops and 655 s a frame, a WebP 4.6
 * hours: more is cut. libvips changes delays of 10 ms and less to 100 ms, as browsers do.
 */
export function writtenTiming({ delays, loop }: Timing): { delay: number[]; loop: number } {
  return { delay: delays.map(within), loop: within(loop) };
}

function within(value: number): number {
  return Math.min(most, Math.max(0, value));
}
