import { fromRaster, toRaster } from '../codecs.ts';
import type { FrameStep } from '../decode/frames.ts';
import type { Raster, Size } from '../raster.ts';

/** Makes the frames of a cascade one after the other, each from the pixels of its source. */
export async function resizeCascade(decoded: Raster, steps: readonly FrameStep[]): Promise<Raster[]> {
  const frames: Raster[] = [];
  for (const { size, from } of steps) {
    const source = from === 'decoded' ? decoded : frames[from];
    if (source === undefined) throw new Error('a frame comes before its source');
    frames.push(await resize(source, size));
  }
  return frames;
}

/** The whole raster at another size (Lanczos 3); the same raster where it has that size already. */
export async function resize(raster: Raster, { width, height }: Size): Promise<Raster> {
  if (raster.width === width && raster.height === height) return raster;
  return toRaster(fromRaster(raster).resize(width, height, { fit: 'fill' }));
}
