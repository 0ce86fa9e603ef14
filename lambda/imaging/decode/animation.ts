import { asPixels, codecs, rasterOf, readOptions } from '../codecs.ts';
import { damaged } from '../inspect/damage.ts';
import type { Inspected, Timing } from '../inspect/inspect.ts';
import type { Raster } from '../raster.ts';

/**
 * Decodes all frames of an animation at full size, as 8-bit sRGB, each complete: what earlier frames leave (disposal) is
 * included. See `frame-strip.ts`.
 * @throws Rejection corrupt_image
 */
export async function decodeAnimation(
  bytes: Uint8Array,
  { type, stored, maxPixels }: Inspected,
  { frames }: Timing,
): Promise<Raster> {
  const limitInputPixels = frames * stored.width * stored.height;
  const pipeline = asPixels(codecs(bytes, { ...readOptions, pages: frames, limitInputPixels }));
  // Only errors of the codec are the file's fault.
  const pixels = await pipeline.toBuffer({ resolveWithObject: true }).catch((error: unknown) => {
    throw damaged(error, type, maxPixels);
  });
  return rasterOf(pixels);
}
