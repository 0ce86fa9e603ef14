import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesignRun, RunOptions } from '../result.ts';
import type { ApiMessage, ApiReport } from './api-process.ts';
import { collect } from './collect.ts';
import type { ExecutionsMessage, ExecutionsReport } from './executions-process.ts';
import { startMapping } from './mapping.ts';
import { openPostgres, openQueues, startChild } from './parts.ts';
import { play } from './play.ts';
import { PlainSampler } from './sampler.ts';
import { plainSettings } from './settings.ts';
import { login } from './tables.ts';

export interface PlainOptions extends RunOptions {
  /** Of one image, decode and storage, as calibrated in the run of Sluice. A quick run takes a third. */
  jobSeconds?: number;
  /** Later than this after it was accepted, an image is late: Sluice's `admission.maxBacklogAge`. */
  objectiveSeconds?: number;
  /** Lets the mapping slow down on errors (see `nextExecutions`). */
  backOff?: boolean;
}

/** Processes that share the executions. */
const processes = 2;
/** As often as they report. */
const peakEveryMs = 50;

/**
 * Runs the design that everyone starts with: no cap, and a connection for each execution, held for the whole job. The
 * connections and the queue are real; decode and storage are a wait. settings.ts gives the reason of each setting.
 */
export async function runPlain(options: PlainOptions): Promise<DesignRun> {
  const { quick, jobSeconds = 1.5, objectiveSeconds = quick ? 30 : 60, backOff = false } = options;
  const settings = plainSettings(quick, jobSeconds);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-plain-'));
  const over = new AbortController();
  const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const postgres = await openPostgres(folder);
    stops.push(() => postgres.stop());
    const queues = await openQueues(folder, settings.visibilitySeconds);
    stops.push(() => queues.stop());
    const queue = { endpoint: queues.endpoint, url: queues.jobs.url };
    const { host, port, database: name } = postgres.address;
    const database = { host, port, database: name, ...login };

    const workers = Array.from({ length: processes }, () =>
      startChild<ExecutionsMessage, ExecutionsReport>('executions-process.ts'),
    );
    const api = startChild<ApiMessage, ApiReport>('api-process.ts');
    const children = [...workers, api];
    for (const child of children) stops.push(() => child.stop());
    for (const worker of workers) worker.send({ start: { queue, settings: { database, ...settings } } });
    api.send({ start: { queue, database, rates: settings } });

    const begun = performance.now();
    const begunAt = Date.now();
    const reports = () => workers.flatMap(({ latest }) => latest ?? []);
    const sampler = new PlainSampler(
      {
        database: postgres.address,
        postgresLog: postgres.log,
        queues,
        executions: reports,
        api: () => api.latest,
      },
      begun,
    );
    stops.push(() => sampler.stop());
    const mapping = startMapping({
      ...{ settings: settings.mapping, backOff, reports, processes },
      visible: () => sampler.latest?.visible ?? 0,
      scale: (index, most) => workers[index]?.send({ most }),
    });
    stops.push(() => mapping.stop());
    const clients = startPeak(() => reports().reduce((sum, report) => sum + report.clients, 0));
    stops.push(() => clients.stop());

    const playing = play(
      {
        ...{ plan: settings.phases, sampler },
        now: () => (performance.now() - begun) / 1000,
        toApi: (message) => api.send(message),
        restart: (awayMs) => postgres.restart(awayMs),
        drained: () => sampler.idle && api.latest?.times !== undefined,
      },
      { ...options, signal: AbortSignal.any([options.signal, over.signal]) },
    );
    // When a part of the run fails, what it was doing does too.
    playing.catch(() => undefined);
    const played = await Promise.race([playing, sampler.failed, ...children.map(({ failed }) => failed)]);
    const seconds = (performance.now() - begun) / 1000;
    mapping.stop();
    clients.stop();
    await sampler.stop();
    for (const child of children) await child.stop();
    return await collect({
      ...{ played, seconds, begunAt, sampler, settings, objectiveSeconds },
      ...{ database: postgres.address, deadLetters: queues.deadLetters, executions: reports() },
      clientsAtOnce: clients.most(),
      api: api.latest?.times ?? {},
    });
  } finally {
    over.abort();
    for (const stop of stops.reverse()) await Promise.resolve(stop()).catch(() => undefined);
  }
}

/** Follows a number until it is stopped. */
function startPeak(of: () => number): { most(): number; stop(): void } {
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, of());
  }, peakEveryMs);
  return { most: () => most, stop: () => clearInterval(timer) };
}
