/** The shapes of a worker that are compared. */
export const wayNames = ['sequential', 'sequentialLane', 'allAtOnce', 'ours'] as const;
export type WayName = (typeof wayNames)[number];

/** What a worker did with its batches. */
export interface Done {
  images: number;
  /** From the first batch to the end of the last. */
  ms: number;
  /** Of the worker and its sandbox: CPU, and the sum of their largest resident sizes. */
  cpuMs: number;
  peakMb: number;
}
