import pg from 'pg';
import type { SqsQueue } from '../../../local/queues/sqs.ts';
import { addLate } from '../late.ts';
import type { DesignRun, Phase, Sample } from '../result.ts';
import { rounded } from '../rounded.ts';
import { sampledOf } from '../sampled.ts';
import type { ExecutionsReport } from './executions-process.ts';
import type { PlainJob } from './job.ts';
import { countDoubled, fates, greatestAges, latencies, lateTimes, readImages } from './outcome.ts';
import type { Played } from './play.ts';
import type { PlainSampler } from './sampler.ts';
import { batchSize, loud, maxConnections, maxReceiveCount, type PlainSettings, tenants } from './settings.ts';

/** Of max_connections; Postgres keeps them for its superuser. */
const superusers = 3;

/** The record of a run whose executions have ended. */
export async function collect(given: {
  played: Played;
  seconds: number;
  begunAt: number;
  sampler: PlainSampler;
  settings: PlainSettings;
  objectiveSeconds: number;
  database: pg.ClientConfig;
  deadLetters: SqsQueue;
  executions: readonly ExecutionsReport[];
  clientsAtOnce: number;
  api: DesignRun['api'];
}): Promise<DesignRun> {
  const { played, sampler, settings, objectiveSeconds, seconds } = given;
  const admin = new pg.Client(given.database);
  await admin.connect();
  const images = await readImages(admin, given.begunAt);
  const doubled = await countDoubled(admin);
  await admin.end();
  const dead = await imagesOf(given.deadLetters);
  const { flood, away, phases } = played;
  const samples = addLate(sampler.samples, lateTimes(images, objectiveSeconds, [away]));
  const grown = ({ from, to }: Phase, count: (sample: Sample) => number) => {
    const at = (time: number) => samples.findLast((sample) => sample.at <= time);
    const [first, last] = [at(from), at(to)];
    return (last === undefined ? 0 : count(last)) - (first === undefined ? 0 : count(first));
  };
  const refusedConnections = sampler.latest?.refusedConnections ?? 0;
  return {
    design: 'plain',
    seconds: rounded(seconds),
    config: {
      ...{ maxConnections, maxReceiveCount, batchSize, tenants, loud },
      budget: maxConnections - superusers,
      cap: settings.mapping.most,
      drainPerSecond: rounded(
        grown({ ...flood, to: away.from }, ({ ready }) => ready) / (away.from - flood.from),
      ),
      floodMeant: settings.floodPerSecond,
      floodReached: grown(flood, ({ offered }) => offered) / (flood.to - flood.from),
      waitMs: settings.jobSeconds * 1000,
    },
    phases,
    samples,
    sampled: sampledOf(samples, [away]),
    outcome: {
      ...fates(images, { dead, waiting: !sampler.idle, at: seconds, away: [away] }, objectiveSeconds),
      ...greatestAges(images, seconds, away),
      // No code of this design rejects an image: what cannot be decoded is dead-lettered.
      ...{ rejected: 0, soundRejected: 0, unused: 0, verified: 0, differing: 0 },
      doubled,
      receivesBurned: given.executions.reduce((sum, { again }) => sum + again, 0),
      refusedConnections,
      refusedInSteadyState: refusedConnections - grown(away, (sample) => sample.refusedConnections),
    },
    latency: latencies(images, phases),
    api: given.api,
    recovery: [],
    clientsAtOnce: given.clientsAtOnce,
  };
}

/** The images of all messages of a queue, which are received and stay. */
async function imagesOf(queue: SqsQueue): Promise<Set<string>> {
  const found = new Set<string>();
  for (;;) {
    const messages = await queue.receive(10, 0);
    if (messages.length === 0) return found;
    for (const { Body } of messages) found.add((JSON.parse(Body) as PlainJob).imageId);
  }
}
