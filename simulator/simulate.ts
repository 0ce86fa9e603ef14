import { Api } from './api.ts';
import { Backlog } from './backlog.ts';
import { Clock } from './clock.ts';
import { Database } from './database.ts';
import { type Gauge, Gauges } from './gauges.ts';
import { Ledger } from './ledger.ts';
import { Mapping } from './mapping.ts';
import { Pipeline } from './pipeline.ts';
import { Producers } from './producers.ts';
import { Queue } from './queue.ts';
import { streamOf } from './random.ts';
import type { Scenario } from './scenario.ts';

/** The parts of a simulation, for those that make its traffic and read its results. */
export interface Simulation {
  clock: Clock;
  api: Api;
  backlog: Backlog;
  database: Database;
  ledger: Ledger;
  mapping: Mapping;
  pipeline: Pipeline;
  producers: Producers;
  queue: Queue;
  gauges: Gauge[];
}

/** Between two calls of `progress`, in seconds. */
const progressSeconds = 60;

/**
 * Runs a scenario in virtual time, without a clock or a random source of its own: the same scenario always ends in the same
 * way.
 * @param traffic starts the producers. @returns whether some of them have not begun yet
 */
export function simulate(
  scenario: Scenario,
  traffic: (simulation: Simulation) => () => boolean,
  { gaugeSeconds = 1 } = {},
): Simulation {
  const { seed } = scenario;
  const clock = new Clock();
  const ledger = new Ledger();
  const backlog = new Backlog();
  const database = new Database(clock, scenario.database, streamOf(seed, 'database'));
  const queue = new Queue(clock, scenario.queue);
  const parts = { clock, scenario, backlog, database, queue, ledger };
  const pipeline = new Pipeline(parts, streamOf(seed, 'pipeline'));
  const mapping = new Mapping({ ...parts, pipeline, random: streamOf(seed, 'worker') });
  const api = new Api(parts, streamOf(seed, 'api'));
  const producers = new Producers({ clock, api, ledger }, streamOf(seed, 'producers'));
  const gauges = new Gauges({ ...parts, api, mapping, pipeline }, gaugeSeconds);
  const simulation = { ...parts, pipeline, mapping, api, producers, gauges: gauges.all };
  const isComing = traffic(simulation);
  gauges.start();
  pipeline.startSweeps();
  let reported = 0;
  const isLeft = () =>
    !scenario.drains ||
    isComing() ||
    producers.waiting > 0 ||
    pipeline.unfinished > 0 ||
    pipeline.pending > 0 ||
    queue.depth > 0;
  while (isLeft() && clock.step(scenario.until))
    if (scenario.progress !== undefined && clock.now - reported >= progressSeconds) {
      reported = clock.now;
      scenario.progress(clock.now);
    }
  gauges.look();
  ledger.close();
  return simulation;
}
