import type { PipelineOptions } from '../pipeline-options.ts';
import { signalGroup } from '../processes/identity.ts';
import type { Part, PartContext } from './part.ts';

/** In the order in which they start; the parts of an inner list start together. */
export type PartList = readonly (Part<unknown> | readonly Part<unknown>[])[];

/** Starts parts in order and stops them in reverse order, also when a start fails half way. */
export class PartRunner implements PartContext {
  readonly options: PipelineOptions;
  /** Resolves with the name of a part whose process ended although nothing stopped it. */
  readonly failed: Promise<string>;
  readonly #fail: (name: string) => void;
  readonly #running = new Map<Part<unknown>, unknown>();
  #stopping: Promise<void> | undefined;

  constructor(options: PipelineOptions) {
    this.options = options;
    ({ promise: this.failed, resolve: this.#fail } = Promise.withResolvers<string>());
  }

  readonly use = <Running>(part: Part<Running>): Running => {
    if (!this.#running.has(part)) throw new Error(`The part ${part.name} has not started.`);
    return this.#running.get(part) as Running;
  };

  async start(list: PartList): Promise<void> {
    try {
      for (const parts of list) {
        const starts = [parts].flat().map((part) => this.#start(part));
        // All of them, so that what starts after another has failed is stopped too.
        await Promise.allSettled(starts);
        await Promise.all(starts);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #start(part: Part<unknown>): Promise<void> {
    const { signal, onProgress } = this.options;
    signal?.throwIfAborted();
    const started = performance.now();
    const running = await part.start(this);
    this.#running.set(part, running);
    if (part.reported)
      onProgress(`${part.name} ready after ${((performance.now() - started) / 1000).toFixed(2)} s`);
    part.ended?.(running).then(() => {
      if (this.#stopping === undefined) this.#fail(part.name);
    });
  }

  /** @throws AggregateError of the parts that failed to stop; the others are stopped nevertheless */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const [part, running] of [...this.#running].reverse()) {
      try {
        await part.stop?.(running);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, 'Some parts did not stop properly');
  }

  /** Kills all processes at once; Postgres recovers at the next start. */
  kill(): void {
    for (const [part, running] of [...this.#running].reverse())
      for (const pid of part.pids?.(running) ?? []) signalGroup(pid, 'SIGKILL');
  }
}
