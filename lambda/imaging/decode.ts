import { codecs, toRaster } from './codecs.ts';
import { damaged } from './damage.ts';
import { type Inspected, readOptions } from './inspect.ts';
import type { Raster, Size } from './raster.ts';

/**
 * Decodes an original once, shrunk while it is loaded to the size wanted (in the file's own orientation), as 8-bit
 * sRGB. Converting an ICC profile costs by the pixel, so that of a colour image is applied after the resize: the
 * pixels pass with their profile through an uncompressed TIFF in memory, which costs a copy.
 * @throws Rejection corrupt_image, dimensions_too_large
 */
export async function decode(bytes: Uint8Array, inspected: Inspected, size: Size): Promise<Raster> {
  const { type, maxPixels, stored, lateProfile } = inspected;
  const pipeline = codecs(bytes, { ...readOptions, limitInputPixels: maxPixels });
  if (size.width !== stored.width || size.height !== stored.height)
    pipeline.resize(size.width, size.height, { fit: 'fill' });
  let profiled: Buffer;
  try {
    if (!lateProfile) return await toRaster(pipeline);
    profiled = await pipeline.toColourspace('srgb').keepIccProfile().tiff({ compression: 'none' }).toBuffer();
  } catch (error) {
    throw damaged(error, type, maxPixels);
  }
  return toRaster(codecs(profiled, { failOn: 'none', limitInputPixels: false }));
}
