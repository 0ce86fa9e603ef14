import { fromRaster, toRaster } from '../codecs.ts';
import type { Raster } from '../raster.ts';

/** An unsharp mask of this sigma in pixels, on lightness alone, so that edges get no coloured rims; 0 leaves the raster. */
export async function sharpen(raster: Raster, sigma: number): Promise<Raster> {
  return sigma === 0 ? raster : toRaster(fromRaster(raster).sharpen({ sigma }));
}
