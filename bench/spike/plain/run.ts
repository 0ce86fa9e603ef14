import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { DesignRun, Phase, RunOptions } from '../result.ts';
import type { ApiMessage, ApiReport } from './api-process.ts';
import type { ExecutionsMessage, ExecutionsReport } from './executions-process.ts';
import { nextPollers } from './mapping.ts';
import { addLate, countDoubled, fates, latencies, readImages } from './outcome.ts';
import { openPostgres, openQueues, startChild } from './parts.ts';
import { PlainSampler } from './sampler.ts';
import { batchSize, loud, maxConnections, maxReceiveCount, plainSettings, tenants } from './settings.ts';
import { login } from './tables.ts';
import { thinned } from './thin.ts';

export interface PlainOptions extends RunOptions {
  /** Of one image, decode and storage, as calibrated in the run of Sluice. A quick run takes a third. */
  jobSeconds?: number;
  /** Later than this after it was accepted, an image is late: Sluice's `admission.maxBacklogAge`. */
  objectiveSeconds?: number;
  /** Lets the mapping slow down on errors (see settings.ts). */
  backOff?: boolean;
}

/** Processes that share the executions. */
const processes = 2;
const stepMs = 200;
const mostSamples = 600;
const superusers = 3;

/**
 * Runs the design that everyone starts with: no cap, a connection for each execution, held for the whole job. The connections and the
 * queue are real; decode and storage are a wait.
 */
export async function runPlain(options: PlainOptions): Promise<DesignRun> {
  const {
    quick,
    say,
    signal,
    jobSeconds = 1.5,
    objectiveSeconds = quick ? 30 : 60,
    backOff = false,
  } = options;
  const settings = plainSettings(quick, jobSeconds);
  const { phases: plan } = settings;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-plain-'));
  const stops: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true, force: true })];
  try {
    const postgres = await openPostgres(folder);
    stops.push(() => postgres.stop());
    const queues = await openQueues(folder, settings.visibilitySeconds);
    stops.push(() => queues.stop());
    const queue = { endpoint: queues.endpoint, url: queues.jobs.url };
    const { host, port, database } = postgres.address;
    const app = { host, port, database, ...login };

    const workers = Array.from({ length: processes }, () =>
      startChild<ExecutionsMessage, ExecutionsReport>('executions-process.ts'),
    );
    const api = startChild<ApiMessage, ApiReport>('api-process.ts');
    for (const child of [...workers, api]) stops.push(() => child.stop());
    const { jobSeconds: waits, timeoutSeconds, quietPerSecond, floodPerSecond } = settings;
    for (const worker of workers)
      worker.send({ start: { queue, settings: { database: app, jobSeconds: waits, timeoutSeconds } } });
    api.send({ start: { queue, database: app, rates: { quietPerSecond, floodPerSecond } } });

    const begun = performance.now();
    const begunAt = Date.now();
    const seconds = () => (performance.now() - begun) / 1000;
    const sampler = new PlainSampler(
      {
        database: postgres.address,
        postgresLog: postgres.log,
        queues,
        executions: () => workers.flatMap(({ latest }) => latest ?? []),
        api: () => api.latest,
      },
      begun,
    );
    sampler.start();
    let sampling = true;
    stops.push(async () => sampling && sampler.stop());

    // The mapping: it adds executions while messages wait.
    let pollers = settings.mapping.least;
    let before = { invocations: 0, failed: 0 };
    const step = () => {
      const reports = workers.flatMap(({ latest }) => latest ?? []);
      const now = {
        invocations: reports.reduce((sum, { invocations }) => sum + invocations, 0),
        failed: reports.reduce((sum, { failedInvocations }) => sum + failedInvocations, 0),
      };
      const failing = (now.failed - before.failed) / Math.max(1, now.invocations - before.invocations);
      before = now;
      const state = { pollers, visible: sampler.latest?.visible ?? 0, failing };
      pollers = nextPollers(state, settings.mapping, stepMs / 1000, backOff);
      for (const [index, worker] of workers.entries())
        worker.send({ pollers: Math.floor((pollers + index) / processes) });
    };
    const stepping = setInterval(step, stepMs);
    stops.push(async () => clearInterval(stepping));

    const phases: Phase[] = [];
    const until = (at: number) => pause(Math.max(0, (at - seconds()) * 1000), undefined, { signal });
    const phase = (name: string, from: number, to: number) => phases.push({ name, from, to });
    const tell = () => {
      const latest = sampler.latest;
      if (latest)
        say(
          `plain ${latest.at.toFixed(0)} s: ${latest.executions} executions, ${latest.connections.process ?? 0} connections, ` +
            `${latest.refusedConnections} refused; ${latest.ready} ready, ${latest.dead} dead-lettered, ` +
            `${latest.visible + latest.inFlight} in the queue`,
        );
    };
    const telling = setInterval(tell, 5_000);
    stops.push(async () => clearInterval(telling));

    api.send({ enter: 'quiet' });
    await until(plan.quiet);
    phase('quiet', 0, seconds());
    say(`plain: from 50 to 50,000 a minute`);
    const floodFrom = seconds();
    api.send({ enter: 'flood' });
    await until(plan.quiet + plan.deployAfter);
    const deployAt = seconds();
    api.send({ deploy: true });
    const restart = (async () => {
      await until(plan.quiet + plan.restartAfter);
      const from = seconds();
      say('plain: Postgres restarts');
      await postgres.restart(plan.away * 1000);
      phase('database restart', from, seconds());
    })();
    await until(plan.quiet + plan.flood);
    api.send({ enter: 'over' });
    const floodTo = seconds();
    phase('flood', floodFrom, floodTo);
    // A deploy has no end here: the environments of before stay until AWS removes them.
    phase('deploy', deployAt, deployAt);
    await restart;
    const drained = () => {
      const latest = sampler.latest;
      const idle = latest?.executions === 0 && latest.visible + latest.inFlight === 0;
      return idle && api.latest?.times !== undefined;
    };
    while (seconds() < plan.atMost && !drained()) await pause(stepMs, undefined, { signal });
    phase('drain', floodTo, seconds());
    const ran = seconds();
    clearInterval(stepping);
    clearInterval(telling);
    sampling = false;
    await sampler.stop();
    const left = (sampler.latest?.visible ?? 0) + (sampler.latest?.inFlight ?? 0);
    const reports = workers.flatMap(({ latest }) => latest ?? []);
    for (const child of [...workers, api]) await child.stop();

    const admin = new pg.Client(postgres.address);
    await admin.connect();
    const images = await readImages(admin, begunAt);
    const doubled = await countDoubled(admin);
    await admin.end();
    const dead = new Set<string>();
    for (;;) {
      const messages = await queues.deadLetters.receive(10, 0);
      if (messages.length === 0) break;
      for (const { Body } of messages) dead.add((JSON.parse(Body) as { imageId: string }).imageId);
    }
    const counted = fates(images, dead, objectiveSeconds, left > 0);
    const samples = addLate(sampler.samples, images, objectiveSeconds);
    const offered = (at: number) => samples.findLast((sample) => sample.at <= at)?.offered ?? 0;
    const refusedConnections = sampler.latest?.refusedConnections ?? 0;
    phases.sort((a, b) => a.from - b.from);
    return {
      design: 'plain',
      seconds: ran,
      config: {
        maxConnections,
        budget: maxConnections - superusers,
        cap: settings.mapping.most,
        batchSize,
        tenants,
        loud,
        drainPerSecond: 0,
        floodMeant: floodPerSecond,
        floodReached: (offered(floodTo) - offered(floodFrom)) / (floodTo - floodFrom),
        waitMs: waits * 1000,
        maxReceiveCount,
      },
      phases,
      samples: thinned(samples, mostSamples),
      sampled: { count: samples.length, largestGapMs: Math.round(sampler.largestGapMs) },
      outcome: {
        ...counted,
        rejected: 0,
        doubled,
        receivesBurned: reports.reduce((sum, { burned }) => sum + burned, 0),
        refusedConnections,
        refusedInSteadyState: refusedConnections,
        verified: 0,
        differing: 0,
      },
      latency: latencies(images, phases),
      api: api.latest?.times ?? {},
      recovery: [],
    };
  } finally {
    for (const stop of stops.reverse()) await stop().catch(() => undefined);
  }
}
