import { codecs, toRaster } from '../codecs.ts';
import { damaged } from '../inspect/damage.ts';
import { type Inspected, readOptions, type Timing } from '../inspect/inspect.ts';
import type { Raster } from '../raster.ts';

/** Finished frames of one size, one below the other in the pixels of `raster`, as the encoder wants them. */
export interface Roll {
  raster: Raster;
  timing: Timing;
}

/**
 * Decodes all frames of an animation at their full size, as 8-bit sRGB, each as a person sees it: what a file leaves
 * of earlier frames (disposal) is in them. They share one buffer.
 * @throws Rejection corrupt_image
 */
export async function decodeAnimation(
  bytes: Uint8Array,
  { type, stored, maxPixels }: Inspected,
  { frames }: Timing,
): Promise<Raster[]> {
  const limitInputPixels = frames * stored.width * stored.height;
  try {
    const roll = await toRaster(codecs(bytes, { ...readOptions, pages: -1, limitInputPixels }));
    return Array.from({ length: frames }, (_, index) => frameOf(roll, frames, index));
  } catch (error) {
    throw damaged(error, type, maxPixels);
  }
}

/** One frame of a roll; its pixels are those of the roll. */
export function frameOf({ data, width, height, channels }: Raster, frames: number, index: number): Raster {
  const length = data.length / frames;
  return {
    data: data.subarray(index * length, (index + 1) * length),
    width,
    height: height / frames,
    channels,
  };
}

/** Makes frame after frame and lays them into one roll, so that no more than one of them is held twice. */
export async function rollOf(timing: Timing, make: (index: number) => Promise<Raster>): Promise<Roll> {
  const first = await make(0);
  const data = Buffer.allocUnsafe(first.data.length * timing.frames);
  first.data.copy(data);
  for (let index = 1; index < timing.frames; index++)
    (await make(index)).data.copy(data, index * first.data.length);
  return { raster: { ...first, data, height: first.height * timing.frames }, timing };
}
