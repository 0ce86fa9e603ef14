import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Spool } from '../spool.ts';

/** The bytes of objects, a file each with a random hex name, in 256 folders so that none grows large. */
export class Bodies {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    for (let shard = 0; shard < 256; shard++)
      mkdirSync(join(folder, shard.toString(16).padStart(2, '0')), { recursive: true });
  }

  path(body: string): string {
    return join(this.#folder, body.slice(0, 2), body);
  }

  /** Stores a whole body. @returns its name */
  async keep(spool: Spool): Promise<string> {
    const body = randomBytes(16).toString('hex');
    await spool.moveTo(this.path(body));
    return body;
  }

  /** The caller closes it; it stays readable when the object is deleted meanwhile. */
  open(body: string): Promise<FileHandle> {
    return open(this.path(body), 'r');
  }

  async remove(body: string | undefined): Promise<void> {
    if (body !== undefined) await rm(this.path(body), { force: true });
  }

  /** Removes files that a crash left without an entry. To be called while nothing is written. */
  removeOrphans(known: ReadonlySet<string>): void {
    for (const shard of readdirSync(this.#folder))
      for (const body of readdirSync(join(this.#folder, shard)))
        if (!known.has(body)) rmSync(join(this.#folder, shard, body), { force: true });
  }
}
