import { type Block, blocksIn } from './blocks.ts';
import type { Tile } from './tile.ts';

/** Luma has 256 steps to a level. A difference of 40 levels between neighbours is an edge. */
const edge = 40 * 256;
/** Half a level of deviation. */
const flatVariance = 128 ** 2;
const side = 8;
/** Of the greatest difference of a channel in levels: from what is hard to read on, and above what the finest grain has. */
const colourEdge = 12;

/** Counts of one kind, over all blocks. */
class Counts {
  pairs = 0;
  edges = 0;
  busyPairs = 0;
  busyEqual = 0;
  blocks = 0;
  flat = 0;

  add(pairs: number, equal: number, edges: number, isFlat: boolean): void {
    this.blocks++;
    this.pairs += pairs;
    this.edges += edges;
    if (isFlat) this.flat++;
    else {
      this.busyPairs += pairs;
      this.busyEqual += equal;
    }
  }
}

/**
 * How much of a picture is flat, and how its busy parts are made. By luma, as the numbers of the encoders were fitted; and by
 * colours, which tell graphics from photographs: text may have the luma of its ground, or differ by 32 levels from it.
 */
export class Flatness {
  readonly #luma = new Counts();
  readonly #colour = new Counts();

  add({ luma, colours }: Tile): void {
    const { values, wide } = luma;
    for (const block of blocksIn(luma, side)) {
      let equal = 0;
      let edges = 0;
      let same = 0;
      let colourEdges = 0;
      for (let row = 0; row < block.high; row++) {
        const begin = (block.top + row) * wide + block.left;
        for (let at = begin; at < begin + block.wide; at++) {
          const value = values[at] as number;
          const colour = colours[at] as number;
          if (at > begin) {
            const step = value - (values[at - 1] as number);
            const before = colours[at - 1] as number;
            if (step === 0) equal++;
            else if (step > edge || step < -edge) edges++;
            if (colour === before) same++;
            else if (isEdge(colour, before)) colourEdges++;
          }
          if (row > 0) {
            const step = value - (values[at - wide] as number);
            const above = colours[at - wide] as number;
            if (step === 0) equal++;
            else if (step > edge || step < -edge) edges++;
            if (colour === above) same++;
            else if (isEdge(colour, above)) colourEdges++;
          }
        }
      }
      const pairs = pairsOf(block);
      const isFlat = block.variance < flatVariance;
      this.#luma.add(pairs, equal, edges, isFlat);
      this.#colour.add(pairs, same, colourEdges, isFlat && colourEdges === 0);
    }
  }

  get shares() {
    const share = (count: number, of: number) => (of === 0 ? 0 : count / of);
    const [luma, colour] = [this.#luma, this.#colour];
    return {
      equalInBusy: share(luma.busyEqual, luma.busyPairs),
      edges: share(luma.edges, luma.pairs),
      flat: share(luma.flat, luma.blocks),
      sameInBusy: share(colour.busyEqual, colour.busyPairs),
      colourEdges: share(colour.edges, colour.pairs),
      colourFlat: share(colour.flat, colour.blocks),
    };
  }
}

function pairsOf({ wide, high }: Block): number {
  return high * (wide - 1) + (high - 1) * wide;
}

/** The same in each of three fields of ten bits. */
const each = (value: number) => (value << 20) | (value << 10) | value;
/** A field of 512 and a difference of levels is below 512 where the difference is negative. */
const guard = each(512);
const below = each(colourEdge + 1);

/** Of two pixels, whether a channel differs by more than `colourEdge`: all three at once, as photographs have few equal ones. */
function isEdge(one: number, other: number): boolean {
  return ((((one | guard) - other - below) | ((other | guard) - one - below)) & guard) !== 0;
}
