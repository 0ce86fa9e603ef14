import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type ChecksumAlgorithm, Digests } from './checksums.ts';

/** Bodies up to this size stay in memory; 500 uploads at once take at most 500 MB, and usually far less. */
const inMemoryBytes = 1024 * 1024;

/**
 * Holds a body until it is verified, so that nothing of a refused upload reaches the bucket. Small bodies stay in
 * memory, others in a file. One call at a time.
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
   * Takes the next part of the body: at once into memory, or to the file, which the caller awaits. It rejects when the disk
   * fails: the error event of a stream would have no listener between two parts, and end the runner.
   */
  write(chunk: Buffer): Promise<void> | undefined {
    this.bytes += chunk.length;
    this.digests.update(chunk);
    if (this.#file !== undefined) return this.#file.writeFile(chunk);
    this.#chunks.push(chunk);
    return this.bytes <= inMemoryBytes ? undefined : this.#toFile();
  }

  async #toFile(): Promise<void> {
    this.#file = await open(this.#path, 'wx', 0o600);
    const head = Buffer.concat(this.#chunks);
    this.#chunks = [];
    await this.#file.writeFile(head);
  }

  /** The whole body if it is in memory, else undefined. */
  small(): Buffer | undefined {
    if (this.#file !== undefined) return undefined;
    const [only, ...others] = this.#chunks;
    return only !== undefined && others.length === 0 ? only : Buffer.concat(this.#chunks);
  }

  /** The whole body, before it is moved. */
  read(): Readable {
    const small = this.small();
    return small === undefined ? createReadStream(this.#path) : Readable.from([small]);
  }

  /** Moves a body that is not in memory to a file on the same file system. */
  async moveTo(path: string): Promise<void> {
    await rename(this.#path, path);
  }

  /** Frees memory and file; to be called in any case. */
  async discard(): Promise<void> {
    this.#chunks = [];
    if (this.#file === undefined) return;
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}
