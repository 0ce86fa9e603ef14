import { asPixels, codecs, rasterOf } from '../codecs.ts';
import { damaged } from '../inspect/damage.ts';
import { type Inspected, readOptions, type Timing } from '../inspect/inspect.ts';
import { letGoOf } from '../let-go.ts';
import type { Raster } from '../raster.ts';

/** Finished frames of one size, one below the other in the pixels of `raster`, as the encoder wants them. */
export interface Roll {
  raster: Raster;
  timing: Timing;
}

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

/**
 * Makes frame after frame and lays them into one roll, so that no more than one of them is held twice. All but the first
 * are let go of.
 */
export async function rollOf(timing: Timing, make: (index: number) => Promise<Raster>): Promise<Roll> {
  const first = await make(0);
  const data = Buffer.allocUnsafe(first.data.length * timing.frames);
  first.data.copy(data);
  for (let index = 1; index < timing.frames; index++) {
    const frame = await make(index);
    frame.data.copy(data, index * first.data.length);
    letGoOf([frame]);
  }
  return { raster: { ...first, data, height: first.height * timing.frames }, timing };
}
