import { fromRaster, toRaster } from '../codecs.ts';
import type { Raster } from '../raster.ts';

/** EXIF orientation → mirror left to right first, then turn clockwise by this many degrees. */
const turns: Readonly<Record<number, { mirror: boolean; degrees: 0 | 90 | 180 | 270 }>> = {
  2: { mirror: true, degrees: 0 },
  3: { mirror: false, degrees: 180 },
  4: { mirror: true, degrees: 180 },
  5: { mirror: true, degrees: 270 },
  6: { mirror: false, degrees: 90 },
  7: { mirror: true, degrees: 90 },
  8: { mirror: false, degrees: 270 },
};

/** Turns the pixels upright; 1 and values outside EXIF are upright already. */
export async function orient(raster: Raster, orientation: number): Promise<Raster> {
  const turn = turns[orientation];
  return turn === undefined ? raster : toRaster(fromRaster(raster).flop(turn.mirror).rotate(turn.degrees));
}
