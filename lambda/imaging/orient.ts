import { fromRaster, toRaster } from './codecs.ts';
import type { Raster } from './raster.ts';

/** EXIF orientation → mirror left to right first, then turn clockwise by so many degrees. */
const turns: Readonly<Record<number, { mirror: boolean; degrees: 0 | 90 | 180 | 270 }>> = {
  2: { mirror: true, degrees: 0 },
  3: { mirror: false, degrees: 180 },
  4: { mirror: true, degrees: 180 },
  5: { mirror: true, degrees: 270 },
  6: { mirror: false, degrees: 90 },
  7: { mirror: true, degrees: 90 },
  8: { mirror: false, degrees: 270 },
};

/** Turns the pixels upright; 1 and anything EXIF does not know is upright already. */
export async function orient(raster: Raster, orientation: number): Promise<Raster> {
  const turn = turns[orientation];
  if (turn === undefined) return raster;
  const mirrored = turn.mirror ? await toRaster(fromRaster(raster).flop()) : raster;
  // sharp turns before it mirrors, whatever the order of calls: two pipelines keep ours.
  return turn.degrees === 0 ? mirrored : toRaster(fromRaster(mirrored).rotate(turn.degrees));
}
