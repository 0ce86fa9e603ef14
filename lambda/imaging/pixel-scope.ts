import type { Sharp } from 'sharp';

/** Pixels or other bytes: a view, or an object with a view as `data`. */
type Held = ArrayBufferView | { readonly data: ArrayBufferView };

/** Smaller buffers share their memory with others and are not worth the call. */
const leastBytes = 64 * 1024;

const owners = new WeakMap<ArrayBuffer, PixelScope>();
/** Number of pipelines that are reading a buffer. */
const readers = new WeakMap<ArrayBufferLike, number>();

/**
 * Owns pixels and frees their memory when it ends, errors included: `using pixels = new PixelScope()`. V8 counts little of
 * the memory outside its heap and lets some 60 MB gather before it collects: freed explicitly, a sandbox of photographs
 * takes 120 MB instead of 210. Freed pixels have length 0. Each buffer has at most one owner, the first one, so a step may
 * return its input. Buffers that share their memory are left to the collector.
 */
export class PixelScope implements Disposable {
  readonly #owned = new Set<ArrayBuffer>();

  /** Takes pixels over, unless a scope owns them already. */
  own<Pixels extends Held>(pixels: Pixels): Pixels {
    const buffer = bufferOf(pixels);
    if (buffer === undefined || owners.has(buffer)) return pixels;
    owners.set(buffer, this);
    this.#owned.add(buffer);
    return pixels;
  }

  /** Takes the result of a step over, and frees its input where that is other memory of this scope. */
  replace<Pixels extends Held>(input: Held, result: Pixels): Pixels {
    this.own(result);
    if (bufferOf(input) !== bufferOf(result)) this.free(input);
    return result;
  }

  handOver<Pixels extends Held>(pixels: Pixels): Pixels {
    const buffer = bufferOf(pixels);
    if (buffer !== undefined && this.#owned.delete(buffer)) owners.delete(buffer);
    return pixels;
  }

  /**
   * Frees pixels before the scope ends; does nothing where it does not own them.
   * @throws Error while a pipeline reads them: a step was not awaited
   */
  free(pixels: Held): void {
    const buffer = bufferOf(pixels);
    if (buffer !== undefined && this.#owned.has(buffer)) this.#free(buffer);
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#owned) this.#free(buffer);
  }

  #free(buffer: ArrayBuffer): void {
    if ((readers.get(buffer) ?? 0) > 0) throw new Error('pixels are freed that a codec still reads');
    this.#owned.delete(buffer);
    buffer.transfer(0);
  }
}

/** The memory of pixels that have it for themselves. */
function bufferOf(pixels: Held): ArrayBuffer | undefined {
  const { buffer, byteLength } = ArrayBuffer.isView(pixels) ? pixels : pixels.data;
  const isWhole = byteLength >= leastBytes && byteLength === buffer.byteLength;
  return isWhole && buffer instanceof ArrayBuffer ? buffer : undefined;
}

/**
 * Keeps pixels from being freed while a pipeline reads them on another thread, which would find other bytes there.
 * @returns the pipeline
 */
export function reading(pipeline: Sharp, { buffer }: ArrayBufferView): Sharp {
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
