import type pg from 'pg';
import type { RunningPipeline } from '../../../local/pipeline.ts';
import { Activity } from '../activity.ts';
import { startLoop } from '../loop.ts';
import { coreMeter } from '../processors.ts';
import type { Sample } from '../result.ts';
import { rounded } from '../rounded.ts';
import { changesAfter, ends } from './audit.ts';
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
  /** Uploaded images without an end. */
  readonly open: ReadonlyMap<string, number>;
  /** Rejects when nothing can be sampled any more. */
  readonly failed: Promise<never>;
  uploaded(id: string, at: number): void;
  stop(): Promise<void>;
}

const everyMs = 50;
/** Every so many samples: the queue's gauges and the log, and the changes of images. */
const queueEvery = 5;
const changesEvery = 4;
/** A transaction may commit an id that is less than those seen: what one second could write is read again. */
const lookBack = 500;

const counts = {
  name: 'spike_connections',
  text: `select replace(usename, 'sluice_', '') as name, count(*)::int from pg_stat_activity
    where usename like 'sluice%' group by 1`,
};

/**
 * Reads the state of everything every 50 ms. A sample that takes longer delays the next one.
 * @throws Error if there is no log
 */
export function startSampler(options: SamplerOptions): Sampler {
  const { pipeline, startedAt } = options;
  const log = followPostgresLog(options.postgresLog);
  const activity = new Activity(pipeline.database, counts);
  const cores = coreMeter(options.cpu);
  const samples: Sample[] = [];
  const seen = new Set<number>();
  const open = new Map<string, number>();
  const ended = new Set<string>();
  let lastChange = 0;
  let ready = 0;
  let queue = { visible: 0, inFlight: 0, dead: 0 };
  let refusedConnections = 0;

  async function readChanges(from: pg.Client): Promise<void> {
    for (const { id, imageId, status } of await changesAfter(from, lastChange - lookBack)) {
      if (seen.has(id)) continue;
      seen.add(id);
      lastChange = Math.max(lastChange, id);
      if (!ends.has(status) || ended.has(imageId)) continue;
      ended.add(imageId);
      open.delete(imageId);
      if (status === 'ready') ready += 1;
    }
  }

  const loop = startLoop(everyMs, async (number) => {
    const connections = await activity.connections();
    if (connections !== undefined && number % changesEvery === 0) await activity.read(readChanges);
    if (number % queueEvery === 0) {
      // No promise is judged by these: a queue that does not answer keeps its last numbers.
      queue = await pipeline.queue().catch(() => queue);
      refusedConnections = log.refused();
    }
    const { asked, offered, admitted, refused } = options.counts();
    const oldest = open.values().next().value;
    samples.push({
      at: rounded((performance.now() - startedAt) / 1000),
      ...(connections === undefined ? {} : { connections }),
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
      cpu: cores(),
      generations: pipeline.generations(),
    });
  });

  return {
    samples,
    open,
    failed: loop.failed,
    get last() {
      return samples.at(-1);
    },
    uploaded(id, at) {
      if (!ended.has(id)) open.set(id, at);
    },
    async stop() {
      await loop.stop();
      log.close();
      await activity.close();
    },
  };
}
