import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { PlainJob } from './job.ts';
import { apiInstances, duplicates, oldVersionSeconds, poison } from './settings.ts';
import type { PlainQueue } from './sqs-client.ts';

/**
 * The API: instances with a pool each. A request inserts a row with a pooled connection, and sends the message. Its connections are
 * bounded, which is kind: as functions, one environment and one connection for each request at once, it takes the
 * whole database at the start of a flood.
 */
export class PlainApi {
  /** Requests in progress. */
  executions = 0;
  /** Connections of the version before a deploy. */
  old = 0;
  readonly refusedBy: Record<string, number> = {};
  readonly #queue: PlainQueue;
  readonly #database: pg.PoolConfig;
  readonly #random: () => number;
  readonly #waiting: { body: string; done(error?: Error): void }[] = [];
  #pools: pg.Pool[];
  #next = 0;
  #flushing = false;

  constructor(queue: PlainQueue, database: pg.PoolConfig, random: () => number) {
    this.#queue = queue;
    this.#database = database;
    this.#random = random;
    this.#pools = this.#start();
  }

  /** New instances take the requests. The old ones end when their load balancer has drained them. */
  async deploy(): Promise<void> {
    const ending = this.#pools;
    this.#pools = this.#start();
    this.old = ending.reduce((sum, { totalCount }) => sum + totalCount, 0);
    await pause(oldVersionSeconds * 1000);
    await Promise.all(ending.map((pool) => pool.end()));
    this.old = 0;
  }

  /** @returns whether the image was accepted; otherwise the answer was 500 */
  async post(tenant: string, askedAt: Date): Promise<boolean> {
    this.executions++;
    try {
      const imageId = randomUUID();
      const pool = this.#pools[this.#next++ % apiInstances];
      await pool?.query('insert into image (id, tenant, asked_at) values ($1, $2, $3)', [
        imageId,
        tenant,
        askedAt,
      ]);
      await this.#send({ imageId, poison: this.#random() < poison });
      return true;
    } catch (error) {
      const code = (error as { code?: string }).code ?? 'other';
      this.refusedBy[code] = (this.refusedBy[code] ?? 0) + 1;
      return false;
    } finally {
      this.executions--;
    }
  }

  #start(): pg.Pool[] {
    return Array.from({ length: apiInstances }, () => {
      const pool = new pg.Pool({ ...this.#database, application_name: 'api' });
      // An idle connection that the server ended is taken out of the pool.
      pool.on('error', () => undefined);
      return pool;
    });
  }

  /** Messages of requests in flight travel together, so that this machine reaches the rate. */
  #send(job: PlainJob): Promise<void> {
    const body = JSON.stringify(job);
    const times = this.#random() < duplicates ? 2 : 1;
    const sent = Array.from({ length: times }, () => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#waiting.push({ body, done: (error) => (error ? reject(error) : resolve()) });
      return promise;
    });
    if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(() => this.#flush());
    }
    return Promise.all(sent).then(() => undefined);
  }

  #flush(): void {
    this.#flushing = false;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, 10);
      const settle = (error?: Error) => {
        for (const { done } of batch) done(error);
      };
      this.#queue.send(batch.map(({ body }) => body)).then(() => settle(), settle);
    }
  }
}
