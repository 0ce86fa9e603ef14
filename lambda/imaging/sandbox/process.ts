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

/** Why a sandbox was lost. `unready`: it ended before it could take its first image. */
export type LossCause = 'unready' | 'crash' | 'time' | 'deadline' | 'memory' | 'closed';

/**
 * Bounds of one decode: milliseconds, the caller's deadline by `performance.now()`, resident bytes, and the expected
 * response.
 */
export interface RenderBounds {
  timeoutMs: number;
  deadline: number;
  maxRssBytes: number;
  expected: Expectation;
}

/** The sandbox's script, the folder of its settings and assets, other folders that it may read, and what its death calls. */
export interface SandboxFiles {
  entry: string;
  root: string;
  readable: readonly string[];
  onDeath?: (() => void) | undefined;
}

/** The sandbox was lost, at work or before. */
export class SandboxLost extends Error {
  override readonly name = 'SandboxLost';
  readonly lost: LossCause;
  constructor(lost: LossCause, message: string) {
    super(message);
    this.lost = lost;
  }
}

/** Interval at which the resident size is read during a decode: codecs fill some 50 MB in that time. */
const memoryCheckMs = 50;

interface Current extends PromiseWithResolvers<RenderOutcome<RenderedImage>> {
  expected: Expectation;
}

/** One child process that decodes one image at a time. A lost one stays lost. */
export class SandboxProcess {
  readonly #child: ChildProcess;
  /** Missing where no process could be started for lack of file descriptors; so is the error output. */
  readonly #pipe: Socket | undefined;
  readonly #errors: Socket | undefined;
  readonly #stderrTail: () => string = () => '';
  readonly #ready = Promise.withResolvers<void>();
  readonly #onDeath: (() => void) | undefined;
  #isReady = false;
  #killedFor: LossCause | undefined;
  #why = '';
  #current: Current | undefined;
  #ended: SandboxLost | undefined;
  decodes = 0;

  constructor({ entry, root, readable, onDeath }: SandboxFiles) {
    this.#onDeath = onDeath;
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
    // Not `exit`: the child's last message may still be in the pipe.
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
   * Decodes one image; its own time starts when the sandbox is ready.
   * @throws SandboxLost when the child ends, or is killed for exceeding a bound
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
   * Kills the child, because codecs cannot be interrupted. Closes its pipes too: another process with their other ends could
   * delay `close` indefinitely.
   */
  kill(cause: LossCause): void {
    this.#killedFor ??= cause;
    this.#child.kill('SIGKILL');
    this.#pipe?.destroy();
    this.#errors?.destroy();
  }

  /** One `ready`, then one response per request: a child that sends anything else is compromised. */
  #receive(frame: Frame): void {
    // Ignores data that arrived together with an invalid message.
    if (this.#killedFor !== undefined) return;
    try {
      if (!this.#isReady && isReady(frame)) {
        this.#isReady = true;
        this.#ready.resolve();
        return;
      }
      const current = this.#current;
      if (current === undefined) throw new Error('no request is open');
      const outcome = responseOf(frame, current.expected);
      this.#current = undefined;
      current.resolve(outcome);
    } catch (error) {
      this.#lose(`no message: ${error instanceof Error ? error.message : error}`);
    }
  }

  #lose(why: string): void {
    if (this.#killedFor !== undefined) return;
    this.#why ||= `, pipe ${why}`;
    this.kill(this.#isReady ? 'crash' : 'unready');
  }

  #end(how: string): void {
    if (this.#ended !== undefined) return;
    const cause = this.#killedFor ?? (this.#isReady ? 'crash' : 'unready');
    const output = this.#stderrTail();
    const quoted = output === '' ? '' : `; it said: ${output}`;
    this.#ended = new SandboxLost(cause, `decoder lost (${cause}): ${how}${this.#why}${quoted}`);
    if (cause !== 'closed') this.#onDeath?.();
    this.#ready.reject(this.#ended);
    this.#current?.reject(this.#ended);
  }

  /** An idle sandbox must not keep the process alive; a working one must. */
  #hold(working: boolean): void {
    const act = working ? 'ref' : 'unref';
    this.#child[act]();
    this.#pipe?.[act]();
    this.#errors?.[act]();
  }
}

/** Resident bytes from /proc; 0 without it (macOS), where only the pixel limits bound the memory. */
function residentBytes(pid: number | undefined): number {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}
