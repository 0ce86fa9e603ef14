import { setTimeout as pause } from 'node:timers/promises';
import type { Phase, RunOptions, Sample } from '../result.ts';
import { rounded } from '../rounded.ts';
import { calibrate } from './calibrate.ts';
import type { Clients } from './clients.ts';
import { idleMeter, nextRate } from './machine-load.ts';
import type { Picture } from './pictures.ts';
import type { Sampler } from './sampler.ts';
import type { PhaseName, Scenario } from './scenario.ts';
import { loud, type Stage } from './stage.ts';
import type { Fault, Recorded } from './summary.ts';
import { verify } from './verify.ts';
import { progressLine } from './watch.ts';

export interface Cast {
  options: RunOptions;
  scenario: Scenario;
  stage: Stage;
  clients: Clients;
  sampler: Sampler;
  /** `performance.now()` at the start. */
  startedAt: number;
  sound: readonly Picture[];
}

const progressMs = 5_000;
const lookMs = 1_000;
/** Requests that the loud tenant has open at most. */
const mostOpen = 64;

/** The phases in order. */
export async function play(cast: Cast): Promise<Recorded> {
  const { scenario, stage, clients, sampler, startedAt, sound } = cast;
  const { pipeline, storage } = stage;
  const epoch = Date.now() - (performance.now() - startedAt);
  const phases: Phase[] = [];
  const faults: Fault[] = [];
  const now = () => (performance.now() - startedAt) / 1000;
  const line = progressWriter(cast);

  /** Runs a phase for its time, or as long as `during` takes if that is longer. */
  async function phase(
    name: PhaseName,
    during: () => Promise<unknown> = async () => undefined,
    each: () => void = () => undefined,
  ): Promise<void> {
    const seconds = scenario.seconds[name];
    if (seconds <= 0) return;
    const from = now();
    const until = from + seconds;
    let isDone = false;
    const done = during().finally(() => {
      isDone = true;
    });
    while (now() < until || !isDone) {
      await pause(Math.min(lookMs, Math.max(20, (until - now()) * 1000)));
      each();
      line(name, until - now());
    }
    await done;
    phases.push({ name, from: rounded(from), to: rounded(now()) });
  }

  cast.options.say(
    '       Calibrating: the CPU and the time of one image, with all workers busy for a while',
  );
  const calibrated = await calibrate(stage, sampler, scenario, sound);
  phases.push({ name: 'calibrate', from: 0, to: rounded(now()) });
  cast.options.say(
    `       One image takes ${calibrated.cpuMsPerImage.toFixed(0)} ms of CPU. The storage takes the variants of one in ` +
      `${(calibrated.waitMs / 1000).toFixed(1)} s, for the time of a decode on Lambda: ${calibrated.drainPerSecond.toFixed(1)} images a second.`,
  );

  const each = scenario.quietPerMinute / 60 / scenario.tenants;
  const meant = scenario.floodPerMinute / 60;
  const others = Object.fromEntries(Object.keys(stage.keys).map((tenant) => [tenant, each]));
  const flood = new Flood(cast, others, scenario.shedFactor * calibrated.drainPerSecond, meant);

  clients.load({ perSecond: others, disobedient: 0, mostOpen });
  await phase('quiet');
  flood.set(scenario.shedFactor * calibrated.drainPerSecond);
  await phase('shed');
  await phase('flood', undefined, flood.drive);
  await phase('deploy', () => pipeline.deploy(), flood.drive);
  await phase(
    'database',
    async () => {
      const { downAt, upAt } = await pipeline.restartDatabase(scenario.seconds.database * 1000);
      faults.push({ name: 'database', from: downAt, to: upAt });
    },
    flood.drive,
  );
  await phase('database recovers', undefined, flood.drive);
  await phase(
    'storage',
    async () => {
      const from = Date.now();
      storage.failing = true;
      await pause(scenario.seconds.storage * 1000);
      storage.failing = false;
      faults.push({ name: 'storage', from, to: Date.now() });
    },
    flood.drive,
  );
  await phase('storage recovers', undefined, flood.drive);
  pipeline.retire();

  const drainFrom = now();
  const orders = await clients.finish();
  while (sampler.open.size > 0 && now() < drainFrom + scenario.drainSeconds) {
    await pause(200);
    line('drain', 0);
  }
  phases.push({ name: 'drain', from: rounded(drainFrom), to: rounded(now()) });
  // A duplicate may still be in work, and the last samples may be a look behind.
  await pause(500);
  const endedAt = Date.now();
  const verified = await verify(pipeline, Object.keys(stage.keys));
  return {
    scenario,
    stage,
    phases,
    faults,
    orders,
    changes: verified.changes,
    samples: sampler.samples,
    receives: pipeline.receiveCounts(),
    verified,
    calibrated,
    epoch,
    endedAt,
    floodMeant: meant,
  };
}

/** The load while one tenant floods: as much as the machine can drive. */
class Flood {
  readonly #cast: Cast;
  readonly #others: Record<string, number>;
  readonly #least: number;
  readonly #most: number;
  readonly #idle = idleMeter();
  #rate: number;

  constructor(cast: Cast, others: Record<string, number>, least: number, most: number) {
    this.#cast = cast;
    this.#others = others;
    this.#least = Math.min(least, most);
    this.#most = most;
    this.#rate = this.#least;
  }

  set(rate: number): void {
    this.#rate = Math.min(rate, this.#most);
    const quiet =
      Object.values(this.#others).reduce((sum, each) => sum + each, 0) - (this.#others[loud] ?? 0);
    this.#cast.clients.load({
      perSecond: { ...this.#others, [loud]: Math.max(0, this.#rate - quiet) },
      disobedient: this.#cast.scenario.disobedient,
      mostOpen,
    });
  }

  /** To be called about once a second. */
  drive = (): void => this.set(nextRate(this.#rate, this.#idle(), { least: this.#least, most: this.#most }));
}

/** Writes a line every five seconds. */
function progressWriter({ options, sampler }: Cast): (phase: string, secondsLeft: number) => void {
  let before: Sample | undefined;
  let at = performance.now();
  return (name, secondsLeft) => {
    const { last } = sampler;
    if (last === undefined || performance.now() - at < progressMs) return;
    at = performance.now();
    options.say(progressLine({ name, secondsLeft }, before, last));
    before = last;
  };
}
