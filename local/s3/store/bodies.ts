import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Spool } from '../spool.ts';
import { Packs } from './packs.ts';

/**
 * The bytes of objects: small ones in packs; each other in a file with a random hex name, in 256 folders so that none
 * grows large.
 */
export class Bodies {
  readonly #folder: string;
  readonly #packs: Packs;

  constructor(folder: string) {
    this.#folder = folder;
    for (let shard = 0; shard < 256; shard++)
      mkdirSync(join(folder, shard.toString(16).padStart(2, '0')), { recursive: true });
    this.#packs = new Packs(join(folder, 'packs'));
  }

  /** The file of a body that is in none of the packs. */
  path(body: string): string {
    return join(this.#folder, body.slice(0, 2), body);
  }

  /** Stores a whole body. @returns its name */
  async keep(spool: Spool): Promise<string> {
    const small = spool.small();
    if (small !== undefined) return this.#packs.append(small);
    const body = randomBytes(16).toString('hex');
    await spool.moveTo(this.path(body));
    return body;
  }

  /** The bytes of a small body; of another its file, which the caller closes. It stays readable when it is removed. */
  open(body: string): Buffer | Promise<FileHandle> {
    return Packs.has(body) ? this.#packs.read(body) : open(this.path(body), 'r');
  }

  async remove(body: string | undefined): Promise<void> {
    if (body === undefined) return;
    if (Packs.has(body)) this.#packs.remove(body);
    else await rm(this.path(body), { force: true });
  }

  /** Removes what a crash left without an entry. To be called once, before anything is written. */
  removeOrphans(known: ReadonlySet<string>): void {
    this.#packs.keepOnly(known);
    for (const shard of readdirSync(this.#folder).filter((name) => name !== 'packs'))
      for (const body of readdirSync(join(this.#folder, shard)))
        if (!known.has(body)) rmSync(join(this.#folder, shard, body), { force: true });
  }

  close(): void {
    this.#packs.close();
  }
}
