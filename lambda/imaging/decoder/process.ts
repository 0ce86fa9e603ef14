import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { DecodeOrder } from '../order.ts';
import { messageOf } from './answer.ts';
import { decoderEnvironment, decoderFlags } from './environment.ts';
import { type Frame, readFrames } from './frame-pipe.ts';
import { type DecoderMessage, pipeOfDecoder, sendOrder } from './protocol.ts';

/** Why a decoder is no more. `unready`: it ended before it could take its first image. */
export type LossCause = 'unready' | 'crash' | 'time' | 'deadline' | 'memory' | 'closed';

/** Bounds of one decode: milliseconds, `performance.now()` of the caller's end, resident bytes. */
export interface DecodeBounds {
  timeoutMs: number;
  deadline: number;
  maxRssBytes: number;
}

/** The decoder's script, the folder of its settings and assets, and other folders that it may read. */
export interface DecoderFiles {
  entry: string;
  root: string;
  readable: readonly string[];
}

/** The decoder was lost while it worked, or before it could. */
export class DecoderLost extends Error {
  override readonly name = 'DecoderLost';
  readonly lost: LossCause;
  constructor(lost: LossCause, message: string) {
    super(message);
    this.lost = lost;
  }
}

/** The resident size is read this often while an image is decoded: codecs fill some 50 MB in that time. */
const memoryCheckMs = 50;

/** One child process that decodes one image at a time; once it is lost it stays lost. */
export class DecoderProcess {
  readonly #child: ChildProcess;
  /** Missing where no process could be started for want of file descriptors. */
  readonly #pipe: Socket | undefined;
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #killedFor: LossCause | undefined;
  #why = '';
  #current: PromiseWithResolvers<DecoderMessage> | undefined;
  #ended: DecoderLost | undefined;
  decodes = 0;

  constructor({ entry, root, readable }: DecoderFiles) {
    this.#child = spawn(process.execPath, [...decoderFlags([root, ...readable]), entry, root], {
      cwd: root,
      env: decoderEnvironment(root, process.env),
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    const stdio = this.#child.stdio as ChildProcess['stdio'] | undefined;
    this.#pipe = stdio?.[pipeOfDecoder] as Socket | undefined;
    this.#ready.promise.catch(() => undefined);
    if (this.#pipe !== undefined)
      readFrames(
        this.#pipe,
        (frame) => this.#receive(frame),
        (why) => this.#lose(why),
      );
    this.#child.on('error', (error) => this.#end(error.message));
    // Not `exit`: what the child said last may still be in the pipe.
    this.#child.on('close', (code, signal) => this.#end(`exit code ${code}, signal ${signal}`));
    this.#hold(false);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#ended === undefined && this.#killedFor === undefined;
  }

  /**
   * Decodes one image; its own time is counted from the moment the decoder is ready.
   * @throws DecoderLost when the child ends, or is killed for a bound.
   */
  async decode(
    order: DecodeOrder,
    { timeoutMs, deadline, maxRssBytes }: DecodeBounds,
  ): Promise<DecoderMessage> {
    this.#hold(true);
    const end = setTimeout(() => this.kill('deadline'), deadline - performance.now());
    let clock: NodeJS.Timeout | undefined;
    let watch: NodeJS.Timeout | undefined;
    try {
      await this.#ready.promise;
      clock = setTimeout(() => this.kill('time'), timeoutMs);
      watch = setInterval(() => {
        if (residentBytes(this.#child.pid) > maxRssBytes) this.kill('memory');
      }, memoryCheckMs);
      if (this.#ended !== undefined || this.#pipe === undefined) throw this.#ended;
      this.#current = Promise.withResolvers();
      this.decodes++;
      sendOrder(this.#pipe, order, (error) => {
        if (error) this.#lose(error.message);
      });
      return await this.#current.promise;
    } finally {
      clearTimeout(end);
      clearTimeout(clock);
      clearInterval(watch);
      this.#current = undefined;
      this.#hold(false);
    }
  }

  /** Ends the child at once; codecs cannot be asked to stop. */
  kill(cause: LossCause): void {
    this.#killedFor ??= cause;
    this.#child.kill('SIGKILL');
  }

  #receive(frame: Frame): void {
    let message: DecoderMessage;
    try {
      message = messageOf(frame);
    } catch (error) {
      this.#lose(`no message: ${error instanceof Error ? error.message : error}`);
      return;
    }
    if (message.type === 'ready') {
      this.#isReady = true;
      this.#ready.resolve();
    } else this.#current?.resolve(message);
  }

  /** Without its pipe a decoder is of no use, be it alive or not. */
  #lose(why: string): void {
    this.#why ||= `, pipe ${why}`;
    this.kill(this.#isReady ? 'crash' : 'unready');
  }

  #end(how: string): void {
    if (this.#ended !== undefined) return;
    const cause = this.#killedFor ?? (this.#isReady ? 'crash' : 'unready');
    this.#ended = new DecoderLost(cause, `decoder lost (${cause}): ${how}${this.#why}`);
    this.#ready.reject(this.#ended);
    this.#current?.reject(this.#ended);
  }

  /** A decoder at rest must not keep the process alive; one at work must. */
  #hold(working: boolean): void {
    const act = working ? 'ref' : 'unref';
    this.#child[act]();
    this.#pipe?.[act]();
  }
}

/** Resident bytes by /proc; 0 where there is none (macOS), where pixel limits alone bound the memory. */
function residentBytes(pid: number | undefined): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
