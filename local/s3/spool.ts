import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ChecksumAlgorithm, Digests } from './checksums.ts';

/** Bodies up to this stay in memory; 500 uploads at once are then at most 500 MB, and usually far less. */
const inMemoryBytes = 1024 * 1024;

/**
 * Holds a body until it is known to be whole and right: nothing of an upload that is refused in the end
 * reaches the bucket. Small ones in memory, others in a file. One call at a time.
 */
export class Spool {
  readonly digests: Digests;
  bytes = 0;
  readonly #path: string;
  #chunks: Buffer[] = [];
  #file: FileHandle | undefined;

  constructor(folder: string, algorithms: readonly ChecksumAlgorithm[] = []) {
    this.#path = join(folder, randomUUID());
    this.digests = new Digests(algorithms);
  }

  /**
   * Takes the next part of the body. It rejects where the disk does not take it: a stream's error event would
   * find no listener between two parts, and end the runner.
   */
  async write(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    this.digests.update(chunk);
    if (this.#file !== undefined) return this.#file.writeFile(chunk);
    this.#chunks.push(chunk);
    if (this.bytes <= inMemoryBytes) return;
    this.#file = await open(this.#path, 'wx', 0o600);
    const head = Buffer.concat(this.#chunks);
    this.#chunks = [];
    await this.#file.writeFile(head);
  }

  /** The whole body, once it has been written and before it is moved. */
  read(): Readable {
    if (this.#file === undefined) return Readable.from([Buffer.concat(this.#chunks)]);
    return createReadStream(this.#path);
  }

  /** Keeps the whole body as a file of its own, on the same file system. */
  async moveTo(path: string): Promise<void> {
    if (this.#file === undefined) return writeFile(path, Buffer.concat(this.#chunks), { mode: 0o600 });
    await rename(this.#path, path);
  }

  /** Frees what it holds; to be called at the end, whatever happened. */
  async discard(): Promise<void> {
    this.#chunks = [];
    if (this.#file === undefined) return;
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
