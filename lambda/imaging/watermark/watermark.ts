import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Inscription, Watermark } from '../../domain/watermark.ts';
import { PixelScope } from '../pixel-scope.ts';
import type { Raster, Size } from '../raster.ts';
import { blend } from './blend.ts';
import { MarkCache } from './cache.ts';
import { drawImage, imageSize } from './image.ts';
import { inscribe } from './letters.ts';
import { type Master, masterSize } from './master.ts';
import { markSize, placeMark } from './placement.ts';
import { rotate } from './rotate.ts';
import { drawText, textSize } from './text.ts';

/**
 * For masters, and the same for drawn marks. The default presets need less than 1 MiB; this bounds odd widths and tenants.
 */
const cacheBytes = 16 * 1024 * 1024;

/** Draws each mark once for many widths, caches the recent widths, and blends them over variants. */
export class Watermarks {
  readonly #marks: Record<string, Watermark>;
  readonly #root: string;
  readonly #files = new Map<string, Buffer>();
  /** By name and text; bounded by a sandbox's life of some hundred images. */
  readonly #sizes = new Map<string, Size>();
  readonly #masters = new MarkCache<Master>(cacheBytes);
  readonly #drawn = new MarkCache<Raster>(cacheBytes);
  /** How often a mark was drawn instead of found or reduced from a larger one. */
  draws = 0;

  /** @param root the folder of the marks' paths */
  constructor(marks: Record<string, Watermark>, root: string) {
    this.#marks = marks;
    this.#root = root;
  }

  /** Opens everything that is read from disk: files of marks, and the font. 10 ms. */
  async open(): Promise<void> {
    const marks = Object.values(this.#marks);
    for (const mark of marks) if (mark.type === 'image') this.#file(mark.path);
    const text = marks.find((mark) => mark.type === 'text');
    if (text !== undefined) await textSize(text, 'x');
  }

  /**
   * A copy of the variant with these marks over it, in order; the variant itself where none is drawn. The input is never
   * written to. Frames of one size share the drawings of the first.
   */
  async over(variant: Raster, names: readonly string[], inscription: Inscription): Promise<Raster> {
    using pixels = new PixelScope();
    let marked = variant;
    for (const name of names) {
      const mark = this.#marks[name];
      if (mark === undefined) throw new Error(`no watermark is named "${name}"`);
      const text = mark.type === 'text' ? inscribe(mark, inscription) : '';
      const own = await this.#size(name, mark, text);
      const size = markSize(variant, mark, own.width / own.height);
      if (size === undefined) continue;
      if (marked === variant) marked = pixels.own({ ...variant, data: Buffer.from(variant.data) });
      const drawn = await this.#draw(name, mark, text, size);
      for (const { left, top } of placeMark(variant, mark, size)) blend(marked, drawn, left, top);
    }
    return pixels.handOver(marked);
  }

  async #draw(name: string, mark: Watermark, text: string, size: Size): Promise<Raster> {
    // Names have no spaces, and the height follows from the width.
    const key = `${name} ${size.width} ${text}`;
    const found = this.#drawn.get(key);
    if (found !== undefined) return found;
    const master = await this.#master(name, mark, text, size);
    const twice = { width: size.width * 2, height: size.height * 2 };
    const drawn = mark.rotation === 0 ? await master.at(size) : rotate(await master.at(twice), mark.rotation);
    this.#drawn.add(key, drawn, drawn.data.length);
    return drawn;
  }

  async #master(name: string, mark: Watermark, text: string, size: Size): Promise<Master> {
    const own = await this.#size(name, mark, text);
    const larger = masterSize(size, own, mark.type === 'text' ? Number.POSITIVE_INFINITY : own.width);
    const key = `${name} ${larger.width} ${text}`;
    const found = this.#masters.get(key);
    if (found !== undefined) return found;
    this.draws++;
    const master =
      mark.type === 'text'
        ? await drawText(mark, text, own, larger)
        : await drawImage(this.#file(mark.path), larger, mark.opacity);
    this.#masters.add(key, master, master.bytes);
    return master;
  }

  async #size(name: string, mark: Watermark, text: string): Promise<Size> {
    const key = `${name} ${text}`;
    const size =
      this.#sizes.get(key) ??
      (mark.type === 'text' ? await textSize(mark, text) : await imageSize(this.#file(mark.path)));
    this.#sizes.set(key, size);
    return size;
  }

  #file(path: string): Buffer {
    const file = this.#files.get(path) ?? readFileSync(join(this.#root, path));
    this.#files.set(path, file);
    return file;
  }
}
