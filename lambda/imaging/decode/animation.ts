import { asPixels, codecs, rasterOf, readOptions } from '../codecs.ts';
import { damaged } from '../inspect/damage.ts';
import type { Inspected, Timing } from '../inspect/inspect.ts';
import type { Raster } from '../raster.ts';

/**
 * Decodes all frames of an animation at their full size, as 8-bit sRGB, each as a person sees it: what a file leaves
 * of earlier frames (disposal) is in them. They lie one below the other; see `frameOf`.
 * @throws Rejection corrupt_image
 */
export async function decodeAnimation(
  bytes: Uint8Array,
  { type, stored, maxPixels }: Inspected,
  { frames }: Timing,
): Promise<Raster> {
  const limitInputPixels = frames * stored.width * stored.height;
  const pipeline = asPixels(codecs(bytes, { ...readOptions, pages: frames, limitInputPixels }));
  // Only what the codec says of the file is the file's fault.
  const pixels = await pipeline.toBuffer({ resolveWithObject: true }).catch((error: unknown) => {
    throw damaged(error, type, maxPixels);
  });
  return rasterOf(pixels);
}
