import type { Plane } from './tile.ts';

export interface Block {
  left: number;
  top: number;
  wide: number;
  high: number;
  variance: number;
}

/** The square blocks of a plane and their variances. Only a plane without a whole block has one of another shape: itself. */
export function blocksIn({ values, wide, high }: Plane, side: number): Block[] {
  const blocks: Block[] = [];
  const [blockWide, blockHigh] = [Math.min(side, wide), Math.min(side, high)];
  if (blockWide === 0 || blockHigh === 0) return blocks;
  for (let top = 0; top + blockHigh <= high; top += blockHigh)
    for (let left = 0; left + blockWide <= wide; left += blockWide) {
      let sum = 0;
      let squares = 0;
      for (let row = top; row < top + blockHigh; row++)
        for (let at = row * wide + left; at < row * wide + left + blockWide; at++) {
          const value = values[at] as number;
          sum += value;
          squares += value * value;
        }
      const pixels = blockWide * blockHigh;
      const variance = Math.max(0, squares / pixels - (sum / pixels) ** 2);
      blocks.push({ left, top, wide: blockWide, high: blockHigh, variance });
    }
  return blocks;
}
