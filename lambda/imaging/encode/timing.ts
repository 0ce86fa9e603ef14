import type { Timing } from '../inspect/inspect.ts';

/** What sharp takes of a delay in milliseconds and of a number of showings; WebP itself counts showings in 16 bits. */
const most = 65_535;

/**
 * The delays and the loops of a source as the encoder takes them. A GIF may ask for 65,536 showings and for 655 s a frame, a
 * WebP for 4.6 hours: what is more is cut. Of delays of 10 ms and less libvips makes 100 ms, as browsers do.
 */
export function writtenTiming({ delays, loop }: Timing): { delay: number[]; loop: number } {
  return { delay: delays.map(within), loop: within(loop) };
}

function within(value: number): number {
  return Math.min(most, Math.max(0, value));
}
