import type { Raster } from '../raster.ts';
import { resize } from '../shape/resize.ts';
import type { FrameStep } from './frames.ts';

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
