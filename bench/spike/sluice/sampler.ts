import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { RunningPipeline } from '../../../local/pipeline.ts';
import type { Sample } from '../result.ts';
import { rounded } from '../rounded.ts';
import { type Change, changesAfter, ends } from './audit.ts';
import { followPostgresLog } from './postgres-log.ts';

export interface SamplerOptions {
  pipeline: RunningPipeline;
  /** Path of Postgres's log. */
  postgresLog: string;
  /** Counts of the producers. */
  counts(): { asked: number; offered: number; admitted: number; refused: number };
  /** CPU seconds so far by part. */
  cpu(): Record<string, number>;
  /** `performance.now()` at the start of the run. */
  startedAt: number;
}

export interface Sampler {
  readonly samples: Sample[];
  readonly last: Sample | undefined;
  readonly largestGapMs: number;
  /** Changes of images so far. */
  readonly changes: Change[];
  /** Uploaded images without an end. */
  readonly open: ReadonlyMap<string, number>;
  uploaded(id: string, at: number): void;
  stop(): Promise<void>;
}

const everyMs = 50;
/** Every so many samples: the queue's gauges and the log, the changes of images, the CPU. */
const queueEvery = 5;
const changesEvery = 4;
const cpuEvery = 20;

const roles = {
  name: 'spike_roles',
  text: `select usename as role, count(*)::int as count from pg_stat_activity
    where usename like 'sluice%' group by 1`,
};

/**
 * Reads the state of everything every 50 ms, over one connection of the superuser, which is outside the budget. A sample
 * that takes longer delays the next one.
 */
export function startSampler(options: SamplerOptions): Sampler {
  const { pipeline, counts, cpu, startedAt } = options;
  const log = followPostgresLog(options.postgresLog);
  const samples: Sample[] = [];
  const changes: Change[] = [];
  const seen = new Set<number>();
  const open = new Map<string, number>();
  const ended = new Set<string>();
  let ready = 0;
  let queue = { visible: 0, inFlight: 0, dead: 0 };
  let refusedConnections = 0;
  let cpuNow: Record<string, number> = {};
  let cpuBefore = { at: performance.now(), seconds: cpu() };
  let largestGapMs = 0;
  let stopped = false;
  let client: pg.Client | undefined;

  async function connection(): Promise<pg.Client | undefined> {
    if (client !== undefined) return client;
    const next = new pg.Client({ ...pipeline.database, connectionTimeoutMillis: 1_000 });
    next.on('error', () => {
      if (client === next) client = undefined;
    });
    await next.connect();
    client = next;
    return next;
  }

  async function readChanges(from: pg.Client): Promise<void> {
    // A transaction may commit an id that is less than those seen: look back over what one second could write.
    const last = changes.at(-1)?.id ?? 0;
    for (const change of await changesAfter(from, last - 500)) {
      if (seen.has(change.id)) continue;
      seen.add(change.id);
      changes.push(change);
      if (!ends.has(change.status) || ended.has(change.imageId)) continue;
      ended.add(change.imageId);
      open.delete(change.imageId);
      if (change.status === 'ready') ready += 1;
    }
  }

  async function sample(number: number): Promise<void> {
    let connections: Record<string, number> = {};
    try {
      const from = await connection();
      if (from !== undefined) {
        const { rows } = await from.query<{ role: string; count: number }>(roles);
        connections = Object.fromEntries(rows.map(({ role, count }) => [role.replace('sluice_', ''), count]));
        if (number % changesEvery === 0) await readChanges(from);
      }
    } catch {
      await client?.end().catch(() => undefined);
      client = undefined;
    }
    if (number % queueEvery === 0) {
      queue = await pipeline.queue().catch(() => queue);
      refusedConnections = log.refused();
    }
    if (number % cpuEvery === 0) {
      const now = { at: performance.now(), seconds: cpu() };
      cpuNow = coresUsed(cpuBefore, now);
      cpuBefore = now;
    }
    const { asked, offered, admitted, refused } = counts();
    const oldest = open.values().next().value;
    samples.push({
      at: rounded((performance.now() - startedAt) / 1000),
      connections,
      executions: pipeline.statistics('process').running,
      apiExecutions: pipeline.statistics('api').running,
      ...queue,
      oldestSeconds: oldest === undefined ? 0 : rounded((Date.now() - oldest) / 1000),
      asked,
      offered,
      admitted,
      refused,
      ready,
      ended: ended.size,
      refusedConnections,
      cpu: cpuNow,
      generations: pipeline.generations(),
    });
  }

  const running = (async () => {
    let before = performance.now();
    for (let number = 0; !stopped; number++) {
      await sample(number);
      const took = performance.now() - before;
      await pause(Math.max(0, everyMs - took));
      const now = performance.now();
      largestGapMs = Math.max(largestGapMs, Math.round(now - before));
      before = now;
    }
  })();

  return {
    samples,
    changes,
    open,
    get last() {
      return samples.at(-1);
    },
    get largestGapMs() {
      return largestGapMs;
    },
    uploaded(id, at) {
      if (!ended.has(id)) open.set(id, at);
    },
    async stop() {
      stopped = true;
      await running;
      log.close();
      await client?.end().catch(() => undefined);
    },
  };
}

function coresUsed(
  before: { at: number; seconds: Record<string, number> },
  now: { at: number; seconds: Record<string, number> },
): Record<string, number> {
  const seconds = (now.at - before.at) / 1000;
  return Object.fromEntries(
    Object.entries(now.seconds).map(([part, used]) => [
      part,
      rounded(Math.max(0, used - (before.seconds[part] ?? 0)) / seconds),
    ]),
  );
}
