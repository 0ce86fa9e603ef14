import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { BadImage, makeVariants, type PlainJob } from './job.ts';
import { batchSize, invokeSeconds } from './settings.ts';
import type { PlainQueue, Received } from './sqs-client.ts';

/** Counts since the start, of one process. */
export interface ExecutionCounts {
  /** In flight now. */
  executions: number;
  invocations: number;
  failedInvocations: number;
  /** Jobs that were committed, duplicates included. */
  committed: number;
  /** Receives that ended in no attempt, or in an error that is not the image's. */
  burned: number;
  /** Receives of a message after its first. */
  again: number;
  /** Connections refused, by SQLSTATE (53300) or code of the system. */
  refusedBy: Record<string, number>;
}

export interface ExecutionSettings {
  database: pg.ClientConfig;
  jobSeconds: number;
  timeoutSeconds: number;
}

/** The pollers of the mapping and the executions that they invoke, each with a connection of its own. */
export class Executions {
  readonly counts: ExecutionCounts = {
    executions: 0,
    invocations: 0,
    failedInvocations: 0,
    committed: 0,
    burned: 0,
    again: 0,
    refusedBy: {},
  };
  readonly #queue: PlainQueue;
  readonly #settings: ExecutionSettings;
  #target = 0;
  #pollers = 0;

  constructor(queue: PlainQueue, settings: ExecutionSettings) {
    this.#queue = queue;
    this.#settings = settings;
  }

  /** Sets the number of pollers; those above it end after their batch. */
  scale(target: number): void {
    this.#target = target;
    while (this.#pollers < target) {
      this.#pollers++;
      void this.#poll();
    }
  }

  async #poll(): Promise<void> {
    while (this.#pollers <= this.#target) {
      const messages = await this.#queue.receive(batchSize, 1).catch(() => undefined);
      if (messages === undefined) await pause(500);
      else if (messages.length > 0) await this.#invoke(messages);
    }
    this.#pollers--;
  }

  /** Lambda deletes the messages of an invocation that succeeded. Those of one that failed are left to the visibility timeout. */
  async #invoke(messages: Received[]): Promise<void> {
    const { counts } = this;
    counts.executions++;
    counts.invocations++;
    counts.again += messages.filter((one) => Number(one.Attributes?.ApproximateReceiveCount) > 1).length;
    try {
      await pause(invokeSeconds * 1000);
      await this.#handle(messages);
      await this.#queue.delete(messages);
    } catch {
      counts.failedInvocations++;
    } finally {
      counts.executions--;
    }
  }

  /** The function: a connection for the whole batch, one image after the other, and the first error fails them all. */
  async #handle(messages: readonly Received[]): Promise<void> {
    const client = new pg.Client({ ...this.#settings.database, application_name: 'process' });
    // A connection that the server ends is an error of the statement that follows.
    client.on('error', () => undefined);
    const late = setTimeout(() => client.connection.stream.destroy(), this.#settings.timeoutSeconds * 1000);
    let done = 0;
    let poison = 0;
    try {
      await client.connect().catch((error: unknown) => {
        const code = (error as { code?: string }).code ?? 'other';
        this.counts.refusedBy[code] = (this.counts.refusedBy[code] ?? 0) + 1;
        throw error;
      });
      for (const { Body } of messages) {
        await makeVariants(client, JSON.parse(Body) as PlainJob, this.#settings.jobSeconds);
        done++;
        this.counts.committed++;
      }
    } catch (error) {
      if (error instanceof BadImage) poison = 1;
      this.counts.burned += messages.length - done - poison;
      throw error;
    } finally {
      clearTimeout(late);
      // Not awaited on a broken connection, which never confirms its end.
      void client.end().catch(() => undefined);
    }
  }
}
