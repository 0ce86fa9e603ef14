import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Watermark } from '../domain/preset.ts';
import { blend } from './blend.ts';
import { drawImageMark, imageAspect } from './mark-image.ts';
import { drawTextMark, textAspect } from './mark-text.ts';
import { markWidth, placeMark } from './placement.ts';
import type { Raster, Size } from './raster.ts';

/** 16 MiB of drawn marks: the default presets need less than one; a flood of odd widths must not grow it. */
const cacheBytes = 16 * 1024 * 1024;

/** Draws each mark once a width, keeps the latest drawn, and lays them over variants. */
export class Watermarks {
  readonly #marks: Record<string, Watermark>;
  readonly #root: string;
  readonly #files = new Map<string, Buffer>();
  readonly #aspects = new Map<string, number>();
  readonly #drawn = new Map<string, Raster>();
  #drawnBytes = 0;
  /** How often a mark was drawn rather than found. */
  draws = 0;

  /** @param root the folder that the marks' paths are relative to */
  constructor(marks: Record<string, Watermark>, root: string) {
    this.#marks = marks;
    this.#root = root;
  }

  /** A copy of the variant with these marks over it, in order; the variant itself where none is wanted. */
  async over(variant: Raster, names: readonly string[]): Promise<Raster> {
    if (names.length === 0) return variant;
    const marked = { ...variant, data: Buffer.from(variant.data) };
    for (const name of names) {
      const mark = this.#marks[name];
      if (mark === undefined) throw new Error(`no watermark is named "${name}"`);
      const drawn = await this.#draw(name, mark, variant);
      if (drawn === undefined) continue;
      for (const { left, top } of placeMark(variant, mark, drawn)) blend(marked, drawn, left, top);
    }
    return marked;
  }

  async #draw(name: string, mark: Watermark, variant: Size): Promise<Raster | undefined> {
    const width = markWidth(variant, mark, await this.#aspect(name, mark));
    if (width === undefined) return undefined;
    const key = `${name} ${width}`;
    const found = this.#drawn.get(key);
    this.#drawn.delete(key);
    const drawn = found ?? (await this.#drawAfresh(name, mark, width));
    this.#drawn.set(key, drawn);
    if (found === undefined) this.#evict(drawn);
    return drawn;
  }

  #drawAfresh(name: string, mark: Watermark, width: number): Promise<Raster> {
    this.draws++;
    return mark.type === 'text'
      ? drawTextMark(mark, width)
      : drawImageMark(this.#file(name, mark.path), width, mark.opacity);
  }

  /** Oldest out first; a Map keeps the order of insertion, and a hit inserts again. */
  #evict(added: Raster): void {
    this.#drawnBytes += added.data.length;
    for (const [key, { data }] of this.#drawn) {
      if (this.#drawnBytes <= cacheBytes || this.#drawn.size === 1) return;
      this.#drawn.delete(key);
      this.#drawnBytes -= data.length;
    }
  }

  async #aspect(name: string, mark: Watermark): Promise<number> {
    const known = this.#aspects.get(name);
    if (known !== undefined) return known;
    const aspect =
      mark.type === 'text' ? await textAspect(mark) : await imageAspect(this.#file(name, mark.path));
    this.#aspects.set(name, aspect);
    return aspect;
  }

  #file(name: string, path: string): Buffer {
    const file = this.#files.get(name) ?? readFileSync(join(this.#root, path));
    this.#files.set(name, file);
    return file;
  }
}
