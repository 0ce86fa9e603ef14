import type { Sharp } from 'sharp';
import { codecs, readOwn, toRaster } from '../codecs.ts';
import { convertToSrgb, roundTo8, type Samples } from '../colour/conversion.ts';
import type { SourceColour } from '../colour/source.ts';
import { damaged } from '../inspect/damage.ts';
import { type Inspected, readOptions } from '../inspect/inspect.ts';
import { letGo } from '../let-go.ts';
import type { Raster, Size } from '../raster.ts';

/**
 * From this shrink on, a JPEG is decoded to twice the size wanted at least, and no less than a quarter: at 5 times the
 * codec would else decode to a quarter, from which the sharpest photographs were 38 dB from a Lanczos of the whole image
 * instead of 51, for 10 ms of 12 megapixels. Below, the half that it decodes to is near enough (45 dB and more).
 */
const carefulShrink = 5;

/**
 * Decodes an original once, shrunk while it is loaded to the size wanted (in the file's own orientation), as 8-bit
 * sRGB. Converting colours costs by the pixel, so that comes after the resize wherever it can.
 * @throws Rejection corrupt_image, dimensions_too_large
 */
export async function decode(bytes: Uint8Array, inspected: Inspected, size: Size): Promise<Raster> {
  const { type, maxPixels, stored, colour } = inspected;
  const ignoreIcc = colour.by === 'us' || colour.by === 'nobody';
  const pipeline = codecs(bytes, { ...readOptions, limitInputPixels: maxPixels, ignoreIcc });
  if (size.width !== stored.width || size.height !== stored.height)
    pipeline.resize(size.width, size.height, {
      fit: 'fill',
      fastShrinkOnLoad: type === 'jpeg' && shrinkOf(stored, size) < carefulShrink,
    });
  try {
    return await inSrgb(pipeline, colour);
  } catch (error) {
    throw damaged(error, type, maxPixels);
  }
}

function shrinkOf(from: Size, to: Size): number {
  return Math.min(from.width / to.width, from.height / to.height);
}

async function inSrgb(pipeline: Sharp, colour: SourceColour): Promise<Raster> {
  if (colour.by === 'codecLate') return convertLate(pipeline);
  if (colour.by !== 'us') return toRaster(pipeline);
  const samples = colour.depth === 16 ? await toDeepSamples(pipeline) : await toRaster(pipeline);
  const raster = colour.space === undefined ? roundTo8(samples) : convertToSrgb(samples, colour.space);
  if (samples.data !== raster.data) letGo(samples.data);
  return raster;
}

/** The pixels pass with their profile through an uncompressed TIFF in memory, which costs a copy. */
async function convertLate(pipeline: Sharp): Promise<Raster> {
  const profiled = await pipeline
    .toColourspace('srgb')
    .keepIccProfile()
    .tiff({ compression: 'none' })
    .toBuffer();
  const raster = await readOwn(() => toRaster(codecs(profiled, { failOn: 'none', limitInputPixels: false })));
  letGo(profiled);
  return raster;
}

async function toDeepSamples(pipeline: Sharp): Promise<Samples> {
  const { data, info } = await pipeline
    .toColourspace('rgb16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return {
    data: new Uint16Array(data.buffer, data.byteOffset, data.length / 2),
    width,
    height,
    channels: channels === 4 ? 4 : 3,
  };
}
