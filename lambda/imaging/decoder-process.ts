import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DecodeOrder, DecoderMessage } from './protocol.ts';

/** Why a decoder is no more. `unready`: it ended before it could take its first image. */
export type LossCause = 'unready' | 'crash' | 'time' | 'deadline' | 'memory' | 'closed';

/** Bounds of one decode: milliseconds, `performance.now()` of the caller's end, resident bytes. */
export interface DecodeBounds {
  timeoutMs: number;
  deadline: number;
  maxRssBytes: number;
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

/** Where fontconfig finds the bundled font: the build lays `lambda/imaging/font/` into the function's `assets/`. */
const fontConfiguration = 'assets/fonts.conf';

/** The resident size is read this often while an image is decoded: codecs fill some 50 MB in that time. */
const memoryCheckMs = 50;

/** One child process that decodes one image at a time; once it is lost it stays lost. */
export class DecoderProcess {
  readonly #child: ChildProcess;
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #killedFor: LossCause | undefined;
  #current: PromiseWithResolvers<DecoderMessage> | undefined;
  #ended: DecoderLost | undefined;
  decodes = 0;

  constructor(entry: string, root: string) {
    this.#child = fork(entry, [root], {
      cwd: root,
      env: decoderEnvironment(root),
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ready.promise.catch(() => undefined);
    this.#child.on('message', (message) => this.#receive(message as DecoderMessage));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('exit', (code, signal) => this.#end(`exit code ${code}, signal ${signal}`));
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
      if (this.#ended !== undefined) throw this.#ended;
      this.#current = Promise.withResolvers();
      this.decodes++;
      this.#child.send(order, (error) => {
        if (error !== null) this.kill('crash');
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

  #receive(message: DecoderMessage): void {
    if (message.type === 'ready') {
      this.#isReady = true;
      this.#ready.resolve();
    } else this.#current?.resolve(message);
  }

  #end(how: string): void {
    if (this.#ended !== undefined) return;
    const cause = this.#killedFor ?? (this.#isReady ? 'crash' : 'unready');
    this.#ended = new DecoderLost(cause, `decoder lost (${cause}): ${how}`);
    this.#ready.reject(this.#ended);
    this.#current?.reject(this.#ended);
  }

  /** A decoder at rest must not keep the process alive; one at work must. */
  #hold(working: boolean): void {
    const act = working ? 'ref' : 'unref';
    this.#child[act]();
    this.#child.channel?.[act]();
  }
}

/** No credentials: the child reads strangers' bytes. Without LD_LIBRARY_PATH some runtimes' node does not start. */
function decoderEnvironment(root: string): NodeJS.ProcessEnv {
  const libraries = process.env.LD_LIBRARY_PATH;
  return {
    // With glibc's default of 8 arenas a core, resident memory doubles over a long run; 2 cost 3 % of CPU.
    MALLOC_ARENA_MAX: '2',
    // With MALLOC_ARENA_MAX set sharp takes one thread a core; three jobs already fill two cores.
    VIPS_CONCURRENCY: '1',
    FONTCONFIG_FILE: join(root, fontConfiguration),
    XDG_CACHE_HOME: join(tmpdir(), `sluice-${process.getuid?.() ?? 'fonts'}`),
    ...(libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries }),
  };
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
