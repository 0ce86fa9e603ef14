import type { Sharp } from 'sharp';
import type { Raster } from './raster.ts';

/** Less is not worth the call, and small buffers share their memory with others. */
const leastBytes = 64 * 1024;

/** How many pipelines read from a piece of memory at the moment. */
const readers = new WeakMap<ArrayBufferLike, number>();

/**
 * Keeps the memory of pixels from being let go of while a pipeline reads them, on a thread that would find other bytes
 * there without a word.
 * @returns the pipeline
 */
export function heldBy(pipeline: Sharp, { buffer }: ArrayBufferView): Sharp {
  const read = pipeline.toBuffer.bind(pipeline) as (...options: unknown[]) => Promise<unknown>;
  const count = (change: 1 | -1) => readers.set(buffer, (readers.get(buffer) ?? 0) + change);
  const toBuffer = async (...options: unknown[]) => {
    count(1);
    try {
      return await read(...options);
    } finally {
      count(-1);
    }
  };
  return Object.assign(pipeline, { toBuffer });
}

/**
 * Gives the memory of bytes back that nobody will look at again; whoever does finds none. V8 sees little of what lies
 * outside of its own heap and lets some 60 MB of it gather before it collects: with this a sandbox of photographs takes
 * 120 MB instead of 210. What shares its memory with other bytes is left to the collector.
 * @throws Error where a pipeline still reads them: a step was not awaited
 */
export function letGo({ buffer, byteLength }: ArrayBufferView): void {
  if (byteLength < leastBytes || byteLength !== buffer.byteLength || !(buffer instanceof ArrayBuffer)) return;
  if ((readers.get(buffer) ?? 0) > 0) throw new Error('pixels are let go of that a codec still reads');
  buffer.transfer(0);
}

/** The same for rasters, but for those whose pixels are also those of one that is kept. */
export function letGoOf(rasters: readonly Raster[], kept: readonly Raster[] = []): void {
  for (const { data } of rasters) if (!kept.some((one) => one.data === data)) letGo(data);
}
