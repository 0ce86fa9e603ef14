import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { SqsQueue } from '../../../local/queues/sqs.ts';
import type { Sample } from '../result.ts';
import { followPostgresLog } from '../sluice/postgres-log.ts';
import type { ApiReport } from './api-process.ts';
import type { ExecutionsReport } from './executions-process.ts';
import { login } from './tables.ts';

/** Where the samples come from. */
export interface Sources {
  database: pg.ClientConfig;
  postgresLog: string;
  queues: { jobs: SqsQueue; deadLetters: SqsQueue };
  executions(): ExecutionsReport[];
  api(): ApiReport | undefined;
}

const everyMs = 50;
const gaugesEveryMs = 200;
/** Clock ticks a second of /proc. */
const ticksPerSecond = 100;

/** Samples every 50 ms, over one superuser connection of its own that comes back when the database does. */
export class PlainSampler {
  readonly samples: Sample[] = [];
  largestGapMs = 0;
  readonly #sources: Sources;
  readonly #begun: number;
  readonly #log: ReturnType<typeof followPostgresLog>;
  #client: pg.Client | undefined;
  #gauges = { visible: 0, inFlight: 0, dead: 0, oldestSeconds: 0 };
  #cpu: { at: number; busy: number; cores: number } = { at: 0, busy: busySeconds(), cores: 0 };
  #over = false;
  #loops: Promise<unknown> = Promise.resolve();

  /** @param begun of the run, as `performance.now()` */
  constructor(sources: Sources, begun: number) {
    this.#sources = sources;
    this.#begun = begun;
    this.#log = followPostgresLog(sources.postgresLog);
  }

  get latest(): Sample | undefined {
    return this.samples.at(-1);
  }

  /** No execution runs, and the queue is empty. */
  get idle(): boolean {
    const { latest } = this;
    return latest !== undefined && latest.executions + latest.visible + latest.inFlight === 0;
  }

  /** A line for who waits. */
  progress(): string {
    const { latest } = this;
    if (latest === undefined) return 'starting';
    const { at, executions, connections, refusedConnections, ready, dead, visible, inFlight } = latest;
    return (
      `${at.toFixed(0)} s, ${executions} executions, ${connections.process ?? 0} with a connection, ` +
      `${refusedConnections} connections refused, ${visible + inFlight} queued, ${ready} made, ${dead} dead-lettered`
    );
  }

  start(): void {
    const every = async (ms: number, work: () => Promise<void>) => {
      while (!this.#over) {
        const begun = performance.now();
        await work().catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, Math.max(1, ms - (performance.now() - begun))));
      }
    };
    this.#loops = Promise.all([
      every(everyMs, () => this.#sample()),
      every(gaugesEveryMs, () => this.#readGauges()),
    ]);
  }

  /** Once or more. */
  async stop(): Promise<void> {
    this.#over = true;
    await this.#loops;
    await this.#client?.end().catch(() => undefined);
    this.#log.close();
  }

  async #sample(): Promise<void> {
    const connections = await this.#connections();
    const at = this.#seconds();
    this.largestGapMs = Math.max(this.largestGapMs, (at - (this.latest?.at ?? at)) * 1000);
    const executions = this.#sources.executions();
    const sum = (of: (report: ExecutionsReport) => number) =>
      executions.reduce((total, report) => total + of(report), 0);
    const api = this.#sources.api();
    const { visible, inFlight, dead, oldestSeconds } = this.#gauges;
    const ready = sum(({ committed }) => committed);
    this.samples.push({
      at,
      connections,
      executions: sum(({ executions: now }) => now),
      apiExecutions: api?.executions ?? 0,
      ...{ visible, inFlight, oldestSeconds, ready, ended: ready, dead },
      offered: api?.offered ?? 0,
      admitted: api?.admitted ?? 0,
      refused: api?.refused ?? 0,
      refusedConnections: this.#log.refused(),
      cpu: { machine: this.#coresUsed(at) },
      generations: (api?.old ?? 0) > 0 ? 2 : 1,
    });
  }

  #seconds(): number {
    return (performance.now() - this.#begun) / 1000;
  }

  /** Empty while the database is away. */
  async #connections(): Promise<Record<string, number>> {
    const rows = await this.#query<{ name: string; count: number }>(
      'select application_name as name, count(*)::int from pg_stat_activity where usename = $1 group by 1',
      [login.user],
    );
    return Object.fromEntries((rows ?? []).map(({ name, count }) => [name, count]));
  }

  async #readGauges(): Promise<void> {
    const { jobs, deadLetters } = this.#sources.queues;
    const [queue, dead] = await Promise.all([jobs.depth(), deadLetters.depth()]);
    const oldest = await this.#query<{ seconds: number }>(
      'select extract(epoch from clock_timestamp() - min(created_at))::float8 as seconds from image where ready_at is null',
    );
    this.#gauges = {
      visible: queue.visible,
      inFlight: queue.inFlight,
      dead: dead.visible,
      oldestSeconds: oldest?.[0]?.seconds ?? (oldest ? 0 : this.#gauges.oldestSeconds + gaugesEveryMs / 1000),
    };
  }

  async #query<Row>(text: string, values: unknown[] = []): Promise<Row[] | undefined> {
    try {
      if (this.#client === undefined) {
        const client = new pg.Client({ ...this.#sources.database, application_name: 'sampler' });
        client.on('error', () => {
          if (this.#client === client) this.#client = undefined;
        });
        await client.connect();
        this.#client = client;
      }
      return (await this.#client.query(text, values)).rows as Row[];
    } catch {
      this.#client = undefined;
      return undefined;
    }
  }

  #coresUsed(at: number): number {
    const busy = busySeconds();
    const { at: before } = this.#cpu;
    if (at - before >= 1)
      this.#cpu = { at, busy, cores: Math.round(((busy - this.#cpu.busy) / (at - before)) * 100) / 100 };
    return this.#cpu.cores;
  }
}

/** Seconds of all processors outside idle and waiting; 0 where there is no /proc. */
function busySeconds(): number {
  try {
    const [first = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = first.split(/\s+/).slice(1).map(Number);
    return (user + nice + system + irq + soft) / ticksPerSecond;
  } catch {
    return 0;
  }
}
