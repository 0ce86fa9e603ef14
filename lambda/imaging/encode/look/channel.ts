import { blocksIn } from './blocks.ts';
import type { Plane } from './tile.ts';

/** Keep logarithms of pixels without any difference finite, far below a visible step. */
const leastDifference = 0.01;
const leastVariance = 0.02;
/** A variance that hides no error. */
const quietVariance = 0.05;

/** Sums over one channel at one size. */
export class Channel {
  readonly #block: number;
  #values = 0;
  #sum = 0;
  #pairs = 0;
  #differences = 0;
  #fourths = 0;
  #triples = 0;
  #bends = 0;
  readonly #variances: number[] = [];

  /** @param block side of the blocks of variances */
  constructor(block: number) {
    this.#block = block;
  }

  add(plane: Plane): void {
    const { values, wide, high } = plane;
    for (let row = 0; row < high; row++) {
      const begin = row * wide;
      let before = 0;
      for (let x = 0; x < wide; x++) {
        const value = values[begin + x] as number;
        this.#sum += value;
        if (x === 0) continue;
        const difference = value - (values[begin + x - 1] as number);
        const size = Math.abs(difference);
        this.#differences += size;
        this.#fourths += size * size * size * size;
        if (x > 1) this.#bends += Math.abs(difference - before);
        before = difference;
      }
    }
    this.#values += wide * high;
    this.#pairs += high * Math.max(0, wide - 1);
    this.#triples += high * Math.max(0, wide - 2);
    for (const { variance } of blocksIn(plane, this.#block)) this.#variances.push(variance);
  }

  get mean(): number {
    return mean(this.#sum, this.#values);
  }
  get gradient(): number {
    return Math.log2(leastDifference + mean(this.#differences, this.#pairs));
  }
  get contrast(): number {
    return Math.log2(leastDifference + mean(this.#fourths, this.#pairs) ** 0.25);
  }
  get detail(): number {
    return Math.log2(leastDifference + mean(this.#bends, this.#triples));
  }
  get variance(): number {
    const logarithms = this.#variances.map((one) => Math.log2(leastVariance + one));
    return mean(
      logarithms.reduce((sum, one) => sum + one, 0),
      logarithms.length,
    );
  }
  get busiest(): number {
    const sorted = this.#variances.toSorted((one, other) => one - other);
    return Math.log2(leastVariance + (sorted[Math.floor(0.9 * (sorted.length - 1))] ?? 0));
  }
  get quiet(): number {
    const shares = this.#variances.map((one) => quietVariance / (one + quietVariance));
    return mean(
      shares.reduce((sum, one) => sum + one, 0),
      shares.length,
    );
  }
}

function mean(sum: number, of: number): number {
  return of === 0 ? 0 : sum / of;
}
