import type pg from 'pg';
import type { SqsQueue } from '../../../local/queues/sqs.ts';
import { Activity } from '../activity.ts';
import { type Loop, startLoop } from '../loop.ts';
import { coreMeter, processorTimes } from '../processors.ts';
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

const counts = {
  name: 'spike_connections',
  text: 'select application_name as name, count(*)::int from pg_stat_activity where usename = $1 group by 1',
  values: [login.user],
};
const oldestWaiting =
  'select extract(epoch from clock_timestamp() - min(created_at))::float8 as seconds from image where ready_at is null';

/** Samples every 50 ms, and reads the queues less often. */
export class PlainSampler {
  readonly samples: Sample[] = [];
  readonly #sources: Sources;
  readonly #begun: number;
  readonly #log: ReturnType<typeof followPostgresLog>;
  readonly #activity: Activity;
  readonly #cores = coreMeter(() => ({ machine: processorTimes().busy }));
  #gauges = { visible: 0, inFlight: 0, dead: 0, oldestSeconds: 0 };
  #isQueueKnown = false;
  readonly #loops: readonly Loop[];

  /** Starts at once. @param begun of the run, as `performance.now()`. @throws Error if there is no log */
  constructor(sources: Sources, begun: number) {
    this.#sources = sources;
    this.#begun = begun;
    this.#log = followPostgresLog(sources.postgresLog);
    this.#activity = new Activity(sources.database, counts);
    this.#loops = [
      startLoop(everyMs, () => this.#sample()),
      startLoop(gaugesEveryMs, () => this.#readGauges()),
    ];
  }

  get latest(): Sample | undefined {
    return this.samples.at(-1);
  }

  /** No execution runs, and the queue is empty: not so while nobody knows. */
  get idle(): boolean {
    const { latest } = this;
    return (
      this.#isQueueKnown && latest !== undefined && latest.executions + latest.visible + latest.inFlight === 0
    );
  }

  /** Rejects when nothing can be sampled any more. */
  get failed(): Promise<never> {
    return Promise.race(this.#loops.map(({ failed }) => failed));
  }

  /** A line for who waits. */
  progress(): string {
    const { latest } = this;
    if (latest === undefined) return 'starting';
    const { at, executions, connections, refusedConnections, ready, dead, visible, inFlight } = latest;
    const held = connections === undefined ? 'an unknown number' : (connections.process ?? 0);
    return (
      `${at.toFixed(0)} s, ${executions} executions, ${held} with a connection, ` +
      `${refusedConnections} connections refused, ${visible + inFlight} queued, ${ready} made, ${dead} dead-lettered`
    );
  }

  /** Once or more. */
  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    await this.#activity.close();
    this.#log.close();
  }

  async #sample(): Promise<void> {
    const connections = await this.#activity.connections();
    const executions = this.#sources.executions();
    const sum = (of: (report: ExecutionsReport) => number) =>
      executions.reduce((total, report) => total + of(report), 0);
    const api = this.#sources.api();
    const ready = sum(({ committed }) => committed);
    this.samples.push({
      at: (performance.now() - this.#begun) / 1000,
      ...(connections === undefined ? {} : { connections }),
      executions: sum(({ executions: now }) => now),
      apiExecutions: api?.executions ?? 0,
      ...this.#gauges,
      ...{ ready, ended: ready },
      offered: api?.offered ?? 0,
      admitted: api?.admitted ?? 0,
      refused: api?.refused ?? 0,
      refusedConnections: this.#log.refused(),
      cpu: this.#cores(),
      generations: (api?.old ?? 0) > 0 ? 2 : 1,
    });
  }

  /** A queue that does not answer keeps its last numbers in the samples. */
  async #readGauges(): Promise<void> {
    const { jobs, deadLetters } = this.#sources.queues;
    const depths = await Promise.all([jobs.depth(), deadLetters.depth()]).catch(() => undefined);
    this.#isQueueKnown = depths !== undefined;
    const [queue, dead] = depths ?? [];
    const oldest = await this.#activity.read((client) => client.query<{ seconds: number }>(oldestWaiting));
    const before = this.#gauges;
    this.#gauges = {
      visible: queue?.visible ?? before.visible,
      inFlight: queue?.inFlight ?? before.inFlight,
      dead: dead?.visible ?? before.dead,
      // While the database is away, what waited goes on waiting.
      oldestSeconds: oldest ? (oldest.rows[0]?.seconds ?? 0) : before.oldestSeconds + gaugesEveryMs / 1000,
    };
  }
}
