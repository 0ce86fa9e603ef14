import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ChecksumAlgorithm, Digests } from './checksums.ts';

/** Bodies up to this stay in memory; 500 uploads at once are then at most 500 MB, and usually far less. */
const inMemoryBytes = 1024 * 1024;

/**
 * Holds a body until it is known to be whole and right: nothing of an upload that is refused in the end
 * reaches the bucket. Small ones in memory, others in a file.
 */
export class Spool {
  readonly digests: Digests;
  bytes = 0;
  readonly #path: string;
  #chunks: Buffer[] = [];
  #file: WriteStream | undefined;

  constructor(folder: string, algorithms: readonly ChecksumAlgorithm[] = []) {
    this.#path = join(folder, randomUUID());
    this.digests = new Digests(algorithms);
  }

  /** Takes the next part of the body. */
  async write(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    this.digests.update(chunk);
    if (this.#file === undefined) {
      this.#chunks.push(chunk);
      if (this.bytes <= inMemoryBytes) return;
      this.#file = createWriteStream(this.#path, { mode: 0o600 });
      const head = Buffer.concat(this.#chunks);
      this.#chunks = [];
      if (!this.#file.write(head)) await once(this.#file, 'drain');
      return;
    }
    if (!this.#file.write(chunk)) await once(this.#file, 'drain');
  }

  /** The whole body, once it has been written. */
  async read(): Promise<Readable> {
    if (this.#file === undefined) return Readable.from([Buffer.concat(this.#chunks)]);
    if (!this.#file.closed) {
      this.#file.end();
      await once(this.#file, 'close');
    }
    return createReadStream(this.#path);
  }

  /** Frees what it holds; to be called at the end, whatever happened. */
  async discard(): Promise<void> {
    this.#chunks = [];
    this.#file?.destroy();
    if (this.#file !== undefined) await rm(this.#path, { force: true });
  }
}
