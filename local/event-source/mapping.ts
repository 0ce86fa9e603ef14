import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationResult } from '../lambda/definition.ts';
import type { ReceivedMessage, SqsQueue } from '../queues/sqs.ts';
import { batchEvent, doneMessages } from './batch.ts';

export interface MappingOptions {
  queue: SqsQueue;
  queueArn: string;
  /** At most this many invocations at once (MaximumConcurrency). */
  maxConcurrency: number;
  batchSize: number;
  /** How long a batch may wait to become full. */
  batchWindowSeconds: number;
  /** Invokes the function and waits; rejects with Throttled. */
  invoke(event: object): Promise<InvocationResult>;
  /** What went wrong, for the log. */
  onTrouble(line: string): void;
  waitSeconds?: number;
}

/** SQS's longest long poll. */
const longestWait = 20;
/** Pause of a poller after SQS did not answer or the function was throttled. */
const backOffMs = 500;

/**
 * The event source mapping between the queue and `process`: pollers that receive, invoke and delete what is
 * done. One poller when the queue is quiet, as many as `maxConcurrency` when it is not. It never changes
 * visibility: what is not deleted returns when the queue says so.
 */
export class EventSourceMapping {
  readonly #options: MappingOptions;
  readonly #stopping = new AbortController();
  readonly #pollers = new Set<Promise<void>>();
  /** Pollers that wait for messages now, as opposed to for the function. */
  #waiting = 0;

  constructor(options: MappingOptions) {
    this.#options = options;
    this.#addPoller();
  }

  /** How many pollers are at work. */
  get pollers(): number {
    return this.#pollers.size;
  }

  /** Receives nothing more, and resolves when the invocations under way have been settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#pollers);
  }

  #addPoller(): void {
    if (this.#stopping.signal.aborted || this.#pollers.size >= this.#options.maxConcurrency) return;
    const poller: Promise<void> = this.#poll().finally(() => this.#pollers.delete(poller));
    this.#pollers.add(poller);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        this.#waiting++;
        const messages = await this.#collect().finally(() => this.#waiting--);
        if (messages.length > 0) await this.#process(messages);
        else if (this.#waiting > 0) return;
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onTrouble(error instanceof Error ? error.message : String(error));
        await pause(backOffMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** One batch: the first messages that come, and with a window what follows until it is full or over. */
  async #collect(): Promise<ReceivedMessage[]> {
    const { queue, batchSize, batchWindowSeconds, waitSeconds = longestWait } = this.#options;
    const { signal } = this.#stopping;
    const messages = await queue.receive(batchSize, waitSeconds, signal);
    // Where one message was there may be more: the next poller looks.
    if (messages.length > 0) this.#addPoller();
    const closes = Date.now() + batchWindowSeconds * 1000;
    while (messages.length > 0 && messages.length < batchSize && !signal.aborted) {
      const left = Math.ceil((closes - Date.now()) / 1000);
      if (left <= 0) break;
      const more = await queue.receive(batchSize - messages.length, Math.min(left, longestWait), signal);
      messages.push(...more);
    }
    return messages;
  }

  async #process(messages: ReceivedMessage[]): Promise<void> {
    const { queue, queueArn, invoke } = this.#options;
    const result = await invoke(batchEvent(messages, queueArn));
    if (!result.ok) return this.#options.onTrouble(result.error.errorMessage);
    const done = doneMessages(messages, result.payload);
    await queue.delete(done);
  }
}
