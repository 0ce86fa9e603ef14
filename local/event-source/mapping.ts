import { setTimeout as pause } from 'node:timers/promises';
import type { InvocationResult } from '../lambda/definition.ts';
import type { ReceivedMessage, SqsQueue } from '../queues/sqs.ts';
import { batchEvent, doneMessages } from './batch.ts';

export interface MappingOptions {
  queue: SqsQueue;
  queueArn: string;
  /** Limit of simultaneous invocations (MaximumConcurrency). */
  maxConcurrency: number;
  batchSize: number;
  /** How long a batch waits to become full. */
  batchWindowSeconds: number;
  /** Invokes the function synchronously; rejects with Throttled. */
  invoke(event: object): Promise<InvocationResult>;
  /** Receives errors, for the log. */
  onTrouble(line: string): void;
  waitSeconds?: number;
}

/** SQS's longest long poll. */
const longestWait = 20;
/** Pause of a poller after an error of SQS or a throttled invocation. */
const backOffMs = 500;

/**
 * The event source mapping between a queue and a function: pollers receive messages, invoke the function and delete
 * those that are done. There is one poller when the queue is quiet, and up to `maxConcurrency` when it is not. Messages
 * that are not deleted return after the queue's visibility timeout, which is never changed here.
 */
export class EventSourceMapping {
  readonly #options: MappingOptions;
  readonly #stopping = new AbortController();
  #paused = false;
  readonly #pollers = new Set<Promise<void>>();
  /** Pollers that are waiting for messages, not for the function. */
  #waiting = 0;
  readonly #receiveCounts: Record<number, number> = {};

  constructor(options: MappingOptions) {
    this.#options = options;
    this.#addPoller();
  }

  /** Number of active pollers. */
  get pollers(): number {
    return this.#pollers.size;
  }

  /** How many messages have been received for the first time (1), the second, … so far. */
  get receiveCounts(): Record<number, number> {
    return { ...this.#receiveCounts };
  }

  /** Stops receiving, and resolves when the invocations in progress have been settled. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#pollers);
  }

  /**
   * Receives no more, as a mapping that is disabled, until `resume`. Resolves when polls and invocations under way have ended,
   * which is a long poll later at most: one that is cut off would still take a message.
   */
  async pause(): Promise<void> {
    this.#paused = true;
    await Promise.all(this.#pollers);
  }

  resume(): void {
    this.#paused = false;
    this.#addPoller();
  }

  #addPoller(): void {
    if (this.#paused || this.#stopping.signal.aborted || this.#pollers.size >= this.#options.maxConcurrency)
      return;
    const poller: Promise<void> = this.#poll().finally(() => this.#pollers.delete(poller));
    this.#pollers.add(poller);
  }

  async #poll(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted && !this.#paused) {
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

  /** One batch: the first messages, and with a window the following ones until the batch is full or the window ends. */
  async #collect(): Promise<ReceivedMessage[]> {
    const { queue, batchSize, batchWindowSeconds, waitSeconds = longestWait } = this.#options;
    const { signal } = this.#stopping;
    const messages = await queue.receive(batchSize, waitSeconds, signal);
    // There may be more messages for another poller.
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
    for (const { Attributes } of messages) {
      const count = Number(Attributes?.ApproximateReceiveCount ?? 1);
      this.#receiveCounts[count] = (this.#receiveCounts[count] ?? 0) + 1;
    }
    const result = await invoke(batchEvent(messages, queueArn));
    if (!result.ok) return this.#options.onTrouble(result.error.errorMessage);
    const done = doneMessages(messages, result.payload);
    await queue.delete(done);
  }
}
