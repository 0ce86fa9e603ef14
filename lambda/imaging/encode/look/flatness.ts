import { blocksIn } from './blocks.ts';
import type { Tile } from './tile.ts';

/** Luma has 256 steps to a level. A difference of 40 levels between neighbours is an edge. */
const edge = 40 * 256;
/** Half a level of deviation. */
const flatVariance = 128 ** 2;
const side = 8;

/** How much of a picture is flat, and how its busy parts are made: by blocks of luma. */
export class Flatness {
  #pairs = 0;
  #edges = 0;
  #busyPairs = 0;
  #busyEqual = 0;
  #blocks = 0;
  #flat = 0;

  add({ luma }: Tile): void {
    const { values, wide } = luma;
    for (const block of blocksIn(luma, side)) {
      let equal = 0;
      for (let row = 0; row < block.high; row++) {
        const begin = (block.top + row) * wide + block.left;
        for (let at = begin; at < begin + block.wide; at++) {
          const value = values[at] as number;
          if (at > begin) {
            const step = value - (values[at - 1] as number);
            if (step === 0) equal++;
            else if (step > edge || step < -edge) this.#edges++;
          }
          if (row > 0) {
            const step = value - (values[at - wide] as number);
            if (step === 0) equal++;
            else if (step > edge || step < -edge) this.#edges++;
          }
        }
      }
      const pairs = block.high * (block.wide - 1) + (block.high - 1) * block.wide;
      this.#blocks++;
      this.#pairs += pairs;
      if (block.variance < flatVariance) this.#flat++;
      else {
        this.#busyPairs += pairs;
        this.#busyEqual += equal;
      }
    }
  }

  get shares() {
    const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
    return {
      equalInBusy: share(this.#busyEqual, this.#busyPairs),
      edges: share(this.#edges, this.#pairs),
      flat: share(this.#flat, this.#blocks),
    };
  }
}
