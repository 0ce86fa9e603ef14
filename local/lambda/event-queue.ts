import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit, { type LimitFunction } from 'p-limit';
import { type InvocationResult, Throttled } from './definition.ts';

export interface EventQueueOptions {
  /** Keeps events until they are delivered, first those of an earlier run. */
  folder: string;
  invoke(event: unknown): Promise<InvocationResult>;
  /** Limit of simultaneous executions. Lambda would start hundreds, and a laptop has few processors. */
  concurrency: number;
  onTrouble(line: string): void;
  /** Pauses before the second and third attempt after an error of the function, in milliseconds. */
  retryMs?: readonly number[];
}

/** As on Lambda: one minute, then two. */
const defaultRetryMs = [60_000, 120_000];
/** Pauses after a throttle, which is not an attempt: 1 s, doubled up to 5 minutes. */
const throttleMs = { first: 1_000, most: 300_000 };

/**
 * The queue of asynchronous invocations (InvocationType Event) of a function: accepted events survive a `kill -9`; an
 * event is retried twice after a function error, and without limit after a throttle.
 */
export class EventQueue {
  readonly #options: EventQueueOptions;
  readonly #limit: LimitFunction;
  readonly #timers = new Set<NodeJS.Timeout>();
  #count = 0;
  #stopped = false;

  constructor(options: EventQueueOptions) {
    this.#options = options;
    this.#limit = pLimit(options.concurrency);
    mkdirSync(options.folder, { recursive: true });
  }

  /** Delivers events that an earlier run accepted. @returns their number */
  resume(): number {
    const { folder } = this.#options;
    const names = readdirSync(folder).sort();
    let found = 0;
    for (const name of names) {
      const event = name.endsWith('.json') ? parse(readFileSync(join(folder, name), 'utf8')) : undefined;
      // A truncated file belongs to an event that was never acknowledged.
      if (event === undefined) rmSync(join(folder, name), { force: true });
      else this.#schedule(name, event, 0);
      found += event === undefined ? 0 : 1;
    }
    return found;
  }

  /** Accepts an event: once this resolves, it will be delivered. */
  async add(event: unknown): Promise<void> {
    const name = `${String(Date.now()).padStart(15, '0')}-${String(++this.#count).padStart(8, '0')}.json`;
    const path = join(this.#options.folder, name);
    await writeFile(`${path}.new`, JSON.stringify(event));
    await rename(`${path}.new`, path);
    this.#schedule(name, event, 0);
  }

  stop(): void {
    this.#stopped = true;
    this.#limit.clearQueue();
    for (const timer of this.#timers) clearTimeout(timer);
  }

  #schedule(name: string, event: unknown, tries: number, throttles = 0): void {
    if (this.#stopped) return;
    this.#limit(() => this.#deliver(name, event, tries, throttles)).catch((error: unknown) =>
      this.#options.onTrouble(String(error)),
    );
  }

  async #deliver(name: string, event: unknown, tries: number, throttles: number): Promise<void> {
    if (this.#stopped) return;
    const { invoke, folder, onTrouble, retryMs = defaultRetryMs } = this.#options;
    let failure: string;
    try {
      const result = await invoke(event);
      if (result.ok) return await rm(join(folder, name), { force: true });
      failure = result.error.errorMessage;
    } catch (error) {
      if (!(error instanceof Throttled)) throw error;
      const pause = Math.min(throttleMs.first * 2 ** throttles, throttleMs.most);
      return this.#later(pause, () => this.#schedule(name, event, tries, throttles + 1));
    }
    // The host was stopped meanwhile: the next run delivers the event.
    if (this.#stopped) return;
    const pause = retryMs[tries];
    if (pause !== undefined) {
      onTrouble(`${failure} (retrying in ${pause / 1000} s)`);
      return this.#later(pause, () => this.#schedule(name, event, tries + 1));
    }
    onTrouble(`${failure} (given up)`);
    await rm(join(folder, name), { force: true });
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    timer.unref();
    this.#timers.add(timer);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
