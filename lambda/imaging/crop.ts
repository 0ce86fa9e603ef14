import { fromRaster, toRaster } from './codecs.ts';
import type { Raster, Size } from './raster.ts';

/** The middle of a raster; the same raster where that is all of it. */
export async function cropMiddle(raster: Raster, { width, height }: Size): Promise<Raster> {
  if (raster.width === width && raster.height === height) return raster;
  const left = Math.floor((raster.width - width) / 2);
  const top = Math.floor((raster.height - height) / 2);
  return toRaster(fromRaster(raster).extract({ left, top, width, height }));
}
