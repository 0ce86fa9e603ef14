import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The name of a picture in the oracle. */
export type Picture = `picture-${number}`;

/** The similarity of two pictures: colours weighted by alpha, in steps of 8 bits; SSIM of the luma. */
export interface Likeness {
  decibels: number;
  mean: number;
  max: number;
  alphaMean: number;
  alphaMax: number;
  ssim: number;
}

/** Pillow's description of a file: delays in milliseconds, `loop` null if the file has no count. */
export interface About {
  format: string;
  mode: string;
  width: number;
  height: number;
  frames: number;
  delays: number[];
  loop: number | null;
  /** Names of its metadata blocks, as `exif`. */
  metadata: string[];
}

export interface WrittenFile {
  bytes: Buffer;
  path: string;
  /** The meant picture, if its writer knows it without decoding. */
  means: Picture | null;
}

type Arguments = Record<string, unknown>;

const python = process.env.SLUICE_ORACLE_PYTHON ?? 'python3';
const script = join(import.meta.dirname, 'oracle/oracle.py');

/** Whether a command that writes some fixtures is installed (`cjpeg`, `avifenc`). */
export function hasTool(name: string): boolean {
  return spawnSync(name, ['-version'], { stdio: 'ignore' }).error === undefined;
}

/**
 * One Python process with decoders that share no code with ours (Pillow, numpy, command-line codecs). It also writes
 * the fixtures. Pictures stay in it and are referred to by name.
 */
export class Oracle {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: PromiseWithResolvers<unknown>[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-oracle-'));
  #files = 0;
  #complaint = '';

  constructor() {
    this.#child = spawn(python, [script], { stdio: 'pipe', env: { ...process.env, OMP_NUM_THREADS: '1' } });
    this.#child.stderr.on('data', (chunk) => {
      this.#complaint += chunk;
    });
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('close', (code) => this.#end(`exit code ${code}`));
    this.#child.stdin.on('error', () => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { answer, error } = JSON.parse(line);
      const waiting = this.#waiting.shift();
      if (error === undefined) waiting?.resolve(answer);
      else waiting?.reject(new Error(`oracle: ${error}`));
    });
  }

  /** @throws Error with Python's message if the question is invalid */
  ask<T>(ask: string, question: Arguments = {}): Promise<T> {
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.push(waiting);
    this.#child.stdin.write(`${JSON.stringify({ ask, ...question })}\n`);
    return waiting.promise as Promise<T>;
  }

  make(what: string, question: Arguments = {}): Promise<Picture> {
    return this.ask(what, question);
  }

  /** Writes a fixture (`jpeg`, `png`, `gif` …) and reads its bytes. */
  async write(what: string, question: Arguments): Promise<WrittenFile> {
    const path = this.#path();
    const means = await this.ask<Picture | null>(what, { path, ...question });
    return { bytes: readFileSync(path), path, means };
  }

  about(bytes: Uint8Array): Promise<About> {
    return this.ask('about', { path: this.#keep(bytes) });
  }

  /** The first frame of a file, as Pillow decodes it. */
  seen(bytes: Uint8Array, options: { upright?: boolean } = {}): Promise<Picture> {
    return this.make('read', { path: this.#keep(bytes), ...options });
  }

  frames(bytes: Uint8Array): Promise<Picture[]> {
    return this.ask('frames', { path: this.#keep(bytes) });
  }

  likeness(a: Picture, b: Picture): Promise<Likeness> {
    return this.ask('likeness', { a, b });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin.end();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #path(): string {
    this.#files++;
    return join(this.#folder, `${this.#files}`);
  }

  #keep(bytes: Uint8Array): string {
    const path = this.#path();
    writeFileSync(path, bytes);
    return path;
  }

  #end(how: string): void {
    const advice = `The oracle needs Python 3.11 or later with test/golden/oracle/requirements.txt; SLUICE_ORACLE_PYTHON names it.`;
    const error = new Error(`The oracle ended (${how}). ${advice}\n${this.#complaint}`);
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error);
  }
}
