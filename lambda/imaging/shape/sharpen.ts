import { fromRaster, toRaster } from '../codecs.ts';
import type { Raster } from '../raster.ts';

/** An unsharp mask on lightness alone, which avoids coloured edges; sigma in pixels, 0 for none. */
export async function sharpen(raster: Raster, sigma: number): Promise<Raster> {
  return sigma === 0 ? raster : toRaster(fromRaster(raster).sharpen({ sigma }));
}
