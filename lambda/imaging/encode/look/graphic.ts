import type { Look } from './look.ts';

/*
 * Text, screenshots, line art and logos have flat areas, hard edges, and equal neighbours beside the edges. A photograph
 * on white paper has the first two, a gradient the first and the last. On 46 pictures at three sizes each bound lies
 * between the kinds: graphics have at least 0.17, 0.10 and 0.0033, and what is none has less of one of the three.
 */
const leastSameInBusy = 0.15;
const leastFlat = 0.08;
const leastEdges = 0.0006;

/** Whether a picture is of flat areas and hard edges, in large part at least. */
export function isGraphic({ sameInBusy, colourFlat, colourEdges }: Look): boolean {
  return sameInBusy >= leastSameInBusy && colourFlat >= leastFlat && colourEdges >= leastEdges;
}
