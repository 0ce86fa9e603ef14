import type { Timing } from './inspect/inspect.ts';
import type { Raster } from './raster.ts';

/** All frames of an animation in one raster, one below the other, as libvips reads and writes them. */
export interface FrameStrip {
  raster: Raster;
  timing: Timing;
}

/** A strip for frames like this one, which becomes its first. */
export function stripOf(first: Raster, timing: Timing): FrameStrip {
  const data = Buffer.allocUnsafe(first.data.length * timing.frames);
  first.data.copy(data);
  return { raster: { ...first, data, height: first.height * timing.frames }, timing };
}

/** One frame of a strip, sharing its pixels. */
export function frameOf({ raster, timing }: FrameStrip, index: number): Raster {
  const { data, width, height, channels } = raster;
  const length = data.length / timing.frames;
  return {
    data: data.subarray(index * length, (index + 1) * length),
    width,
    height: height / timing.frames,
    channels,
  };
}
