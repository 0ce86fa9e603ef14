import { fromRaster, toRaster } from '../codecs.ts';
import type { Raster, Size } from '../raster.ts';

/** Resizes the whole raster (Lanczos 3); returns it unchanged where it has that size. */
export async function resize(raster: Raster, { width, height }: Size): Promise<Raster> {
  if (raster.width === width && raster.height === height) return raster;
  return toRaster(fromRaster(raster).resize(width, height, { fit: 'fill' }));
}
