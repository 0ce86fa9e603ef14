import { fromRaster, toRaster } from '../codecs.ts';
import type { Raster, Size } from '../raster.ts';

/** The whole raster at another size (Lanczos 3); the same raster where it has that size already. */
export async function resize(raster: Raster, { width, height }: Size): Promise<Raster> {
  if (raster.width === width && raster.height === height) return raster;
  return toRaster(fromRaster(raster).resize(width, height, { fit: 'fill' }));
}
