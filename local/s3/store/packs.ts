import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A pack that has reached this size takes no more bodies. */
const packBytes = 16 * 1024 * 1024;

interface Pack {
  number: number;
  descriptor: number;
  /** Bodies that have not been removed. */
  live: number;
  bytes: number;
}

/**
 * Small bodies, appended to files of up to 16 MB. A file for each costs 0.5 ms of CPU here, more than all else that a PUT
 * does; this 0.02 ms. Each start begins a new pack, so that the rest of a write that a kill cut short harms none. A pack
 * is deleted when all of its bodies have been removed.
 */
export class Packs {
  readonly #folder: string;
  readonly #packs = new Map<number, Pack>();
  #last = -1;
  /** The pack that takes bodies; undefined before the first. */
  #open: Pack | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      const number = Number(name);
      this.#last = Math.max(this.#last, number);
      const descriptor = openSync(join(folder, name), 'r');
      this.#packs.set(number, { number, descriptor, live: 0, bytes: 0 });
    }
  }

  /** Whether this is the name of a body in a pack. */
  static has(body: string): boolean {
    return body.startsWith('pack-');
  }

  /** Counts the bodies that are in use, and deletes the packs that have none. To be called once, at the start. */
  keepOnly(known: Iterable<string>): void {
    for (const body of known) if (Packs.has(body)) this.#find(body).live++;
    for (const pack of [...this.#packs.values()]) if (pack.live === 0) this.#delete(pack);
  }

  /** Stores a body. @returns its name @throws a system error, and stores nothing */
  append(body: Buffer): string {
    const pack = this.#writable();
    const start = pack.bytes;
    for (let written = 0; written < body.length; )
      written += writeSync(pack.descriptor, body, written, body.length - written, start + written);
    pack.bytes += body.length;
    pack.live++;
    return `pack-${pack.number}-${start}-${body.length}`;
  }

  read(body: string): Buffer {
    const { descriptor } = this.#find(body);
    const [, , start = 0, length = 0] = body.split('-').map(Number);
    const bytes = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const more = readSync(descriptor, bytes, read, length - read, start + read);
      if (more === 0) throw new Error(`The pack of ${body} is too short.`);
      read += more;
    }
    return bytes;
  }

  remove(body: string): void {
    const pack = this.#find(body);
    pack.live--;
    if (pack.live === 0 && pack !== this.#open) this.#delete(pack);
  }

  close(): void {
    if (this.#open?.live === 0) this.#delete(this.#open);
    this.#open = undefined;
    for (const { descriptor } of this.#packs.values()) closeSync(descriptor);
    this.#packs.clear();
  }

  #writable(): Pack {
    const full = this.#open;
    if (full !== undefined && full.bytes < packBytes) return full;
    const number = this.#last + 1;
    const descriptor = openSync(join(this.#folder, String(number)), 'wx+', 0o600);
    this.#last = number;
    this.#open = { number, descriptor, live: 0, bytes: 0 };
    this.#packs.set(number, this.#open);
    if (full?.live === 0) this.#delete(full);
    return this.#open;
  }

  #find(body: string): Pack {
    const pack = this.#packs.get(Number(body.split('-')[1]));
    if (pack === undefined) throw new Error(`The pack of ${body} is missing.`);
    return pack;
  }

  #delete({ number, descriptor }: Pack): void {
    closeSync(descriptor);
    this.#packs.delete(number);
    rmSync(join(this.#folder, String(number)), { force: true });
  }
}
