import type { Api } from './api.ts';
import type { Backlog } from './backlog.ts';
import type { Clock } from './clock.ts';
import type { Database } from './database.ts';
import type { Ledger } from './ledger.ts';
import type { Mapping } from './mapping.ts';
import type { Pipeline } from './pipeline.ts';
import type { Queue } from './queue.ts';

/** What can be seen from outside at one moment. Counts are since the start. */
export interface Gauge {
  at: number;
  visible: number;
  inFlight: number;
  executions: number;
  apiExecutions: number;
  connections: number;
  /** Age of the oldest upload without an end. */
  oldestSeconds: number;
  brownOut: boolean;
  /** Unfinished work and that of tickets, as the database counts it. */
  backlog: number;
  requests: number;
  admitted: number;
  refused: number;
  returns: number;
  ended: number;
}

interface Gauged {
  clock: Clock;
  api: Api;
  backlog: Backlog;
  database: Database;
  queue: Queue;
  mapping: Mapping;
  ledger: Ledger;
  pipeline: Pipeline;
}

/** Reads them every so many seconds. */
export class Gauges {
  readonly all: Gauge[] = [];
  readonly #parts: Gauged;
  readonly #every: number;

  constructor(parts: Gauged, every: number) {
    this.#parts = parts;
    this.#every = every;
  }

  start(): void {
    const look = () => {
      this.look();
      this.#parts.clock.after(this.#every, look);
    };
    this.#parts.clock.after(this.#every / 2, look);
  }

  look(): void {
    const { clock, api, backlog, database, queue, mapping, ledger, pipeline } = this.#parts;
    const { requests, admitted, refused, returns, endedCount } = ledger;
    this.all.push({
      at: clock.now,
      visible: queue.visible,
      inFlight: queue.inFlight,
      executions: mapping.active,
      apiExecutions: api.busy,
      connections: database.connections,
      oldestSeconds: pipeline.oldestUpload(),
      brownOut: mapping.isBrownOut,
      backlog: backlog.total,
      requests,
      admitted,
      refused,
      returns,
      ended: endedCount,
    });
  }
}
