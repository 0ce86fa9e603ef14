import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { RenderRequest } from '../render-request.ts';
import type { RenderedImage } from '../rendered-image.ts';
import { sandboxEnvironment, sandboxFlags } from './environment.ts';
import type { Expectation } from './expectation.ts';
import type { Frame } from './frame.ts';
import { readFrames } from './frame-pipe.ts';
import { type RenderOutcome, sandboxPipe, sendRequest } from './protocol.ts';
import { isReady, responseOf } from './response.ts';
import { stderrTail } from './stderr-tail.ts';

/** Why a sandbox is no more. `unready`: it ended before it could take its first image. */
export type LossCause = 'unready' | 'crash' | 'time' | 'deadline' | 'memory' | 'closed';

/** Bounds of one decode: milliseconds, `performance.now()` of the caller's end, resident bytes, and what the answer must be. */
export interface RenderBounds {
  timeoutMs: number;
  deadline: number;
  maxRssBytes: number;
  expected: Expectation;
}

/** The sandbox's script, the folder of its settings and assets, and other folders that it may read. */
export interface SandboxFiles {
  entry: string;
  root: string;
  readable: readonly string[];
}

/** The sandbox was lost while it worked, or before it could. */
export class SandboxLost extends Error {
  override readonly name = 'SandboxLost';
  readonly lost: LossCause;
  constructor(lost: LossCause, message: string) {
    super(message);
    this.lost = lost;
  }
}

/** The resident size is read this often while an image is decoded: codecs fill some 50 MB in that time. */
const memoryCheckMs = 50;

interface Current extends PromiseWithResolvers<RenderOutcome<RenderedImage>> {
  expected: Expectation;
}

/** One child process that decodes one image at a time; once it is lost it stays lost. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  /** Missing where no process could be started for want of file descriptors; so are the last words. */
  readonly #pipe: Socket | undefined;
  readonly #errors: Socket | undefined;
  readonly #stderrTail: () => string = () => '';
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #killedFor: LossCause | undefined;
  #why = '';
  #current: Current | undefined;
  #ended: SandboxLost | undefined;
  decodes = 0;

  constructor({ entry, root, readable }: SandboxFiles) {
    this.#child = spawn(process.execPath, [...sandboxFlags([root, ...readable]), entry, root], {
      cwd: root,
      env: sandboxEnvironment(root, process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    });
    const stdio = this.#child.stdio as ChildProcess['stdio'] | undefined;
    this.#pipe = stdio?.[sandboxPipe] as Socket | undefined;
    this.#errors = (this.#child.stderr ?? undefined) as Socket | undefined;
    this.#ready.promise.catch(() => undefined);
    if (this.#errors !== undefined)
      this.#stderrTail = stderrTail(this.#errors, () => this.#lose('flooded the log'));
    if (this.#pipe !== undefined)
      readFrames(
        this.#pipe,
        () => this.#current?.expected.mostBytes ?? 0,
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
   * Decodes one image; its own time is counted from the moment the sandbox is ready.
   * @throws SandboxLost when the child ends, or is killed for a bound.
   */
  async decode(
    order: RenderRequest,
    { timeoutMs, deadline, maxRssBytes, expected }: RenderBounds,
  ): Promise<RenderOutcome<RenderedImage>> {
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
      const current = { ...Promise.withResolvers<RenderOutcome<RenderedImage>>(), expected };
      this.#current = current;
      this.decodes++;
      sendRequest(this.#pipe, { ...order, id: expected.id }, (error) => {
        if (error) this.#lose(error.message);
      });
      return await current.promise;
    } finally {
      clearTimeout(end);
      clearTimeout(clock);
      clearInterval(watch);
      this.#current = undefined;
      this.#hold(false);
    }
  }

  /**
   * Ends the child at once; codecs cannot be asked to stop. Its pipes go with it: whoever else holds their other ends
   * would keep `close` from coming for as long as it likes.
   */
  kill(cause: LossCause): void {
    this.#killedFor ??= cause;
    this.#child.kill('SIGKILL');
    this.#pipe?.destroy();
    this.#errors?.destroy();
  }

  /** One `ready`, then one answer to each order: a child that says anything else is not ours any more. */
  #receive(frame: Frame): void {
    // What came in one piece with a lie counts no more than that.
    if (this.#killedFor !== undefined) return;
    try {
      if (!this.#isReady && isReady(frame)) {
        this.#isReady = true;
        this.#ready.resolve();
        return;
      }
      const current = this.#current;
      if (current === undefined) throw new Error('nothing was asked');
      const outcome = responseOf(frame, current.expected);
      this.#current = undefined;
      current.resolve(outcome);
    } catch (error) {
      this.#lose(`no message: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Without its pipe a sandbox is of no use, be it alive or not. */
  #lose(why: string): void {
    if (this.#killedFor !== undefined) return;
    this.#why ||= `, pipe ${why}`;
    this.kill(this.#isReady ? 'crash' : 'unready');
  }

  #end(how: string): void {
    if (this.#ended !== undefined) return;
    const cause = this.#killedFor ?? (this.#isReady ? 'crash' : 'unready');
    const said = this.#stderrTail();
    const words = said === '' ? '' : `; it said: ${said}`;
    this.#ended = new SandboxLost(cause, `decoder lost (${cause}): ${how}${this.#why}${words}`);
    this.#ready.reject(this.#ended);
    this.#current?.reject(this.#ended);
  }

  /** A sandbox at rest must not keep the process alive; one at work must. */
  #hold(working: boolean): void {
    const act = working ? 'ref' : 'unref';
    this.#child[act]();
    this.#pipe?.[act]();
    this.#errors?.[act]();
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
