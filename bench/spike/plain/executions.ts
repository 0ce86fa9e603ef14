import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { makeVariants, type PlainJob } from './job.ts';
import { invokeSeconds, receiveSize } from './settings.ts';
import type { PlainQueue, Received } from './sqs-client.ts';

/** Counts since the start, of one process. */
export interface ExecutionCounts {
  /** In flight now. */
  executions: number;
  /** Of those: they hold a connection, or ask for one. */
  clients: number;
  invocations: number;
  failedInvocations: number;
  /** Jobs that were committed, duplicates included. */
  committed: number;
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

/** Between two looks for free slots, so that a receive is of ten messages and not of one. Little beside `invokeSeconds`. */
const fillEveryMs = 20;

/** The pollers of the mapping and the executions that they invoke, each with a connection of its own. */
export class Executions {
  readonly counts: ExecutionCounts = {
    executions: 0,
    clients: 0,
    invocations: 0,
    failedInvocations: 0,
    committed: 0,
    again: 0,
    refusedBy: {},
  };
  readonly #queue: PlainQueue;
  readonly #settings: ExecutionSettings;
  #most = 0;
  /** Executions, and messages that were asked for and may become one. */
  #taken = 0;

  constructor(queue: PlainQueue, settings: ExecutionSettings) {
    this.#queue = queue;
    this.#settings = settings;
    setInterval(() => this.#fill(), fillEveryMs);
  }

  /** Sets how many executions may run at once; those above it end first. */
  scale(most: number): void {
    this.#most = most;
  }

  /** A receive fetches up to ten messages, of which each starts an execution of its own. */
  #fill(): void {
    while (this.#taken < this.#most) {
      const slots = Math.min(receiveSize, this.#most - this.#taken);
      this.#taken += slots;
      void this.#receive(slots);
    }
  }

  async #receive(slots: number): Promise<void> {
    const messages = await this.#queue.receive(slots, 1).catch(() => undefined);
    if (messages === undefined) await pause(500);
    this.#taken -= slots - (messages?.length ?? 0);
    for (const message of messages ?? [])
      void this.#invoke(message).finally(() => {
        this.#taken--;
      });
  }

  /** Lambda deletes the message of an invocation that succeeded. That of one that failed is left to the visibility timeout. */
  async #invoke(message: Received): Promise<void> {
    const { counts } = this;
    counts.executions++;
    counts.invocations++;
    if (Number(message.Attributes?.ApproximateReceiveCount) > 1) counts.again++;
    try {
      await pause(invokeSeconds * 1000);
      await this.#handle(JSON.parse(message.Body) as PlainJob);
      await this.#queue.delete([message]);
    } catch {
      counts.failedInvocations++;
    } finally {
      counts.executions--;
    }
  }

  /** The function: a connection for the whole job. */
  async #handle(job: PlainJob): Promise<void> {
    const client = new pg.Client({ ...this.#settings.database, application_name: 'process' });
    // A connection that the server ends is an error of the statement that follows.
    client.on('error', () => undefined);
    const late = setTimeout(() => client.connection.stream.destroy(), this.#settings.timeoutSeconds * 1000);
    this.counts.clients++;
    try {
      await client.connect().catch((error: unknown) => {
        const code = (error as { code?: string }).code ?? 'other';
        this.counts.refusedBy[code] = (this.counts.refusedBy[code] ?? 0) + 1;
        throw error;
      });
      await makeVariants(client, job, this.#settings.jobSeconds);
      this.counts.committed++;
    } finally {
      clearTimeout(late);
      this.counts.clients--;
      // Not awaited on a broken connection, which never confirms its end.
      void client.end().catch(() => undefined);
    }
  }
}
