import { setTimeout as pause } from 'node:timers/promises';
import type { Phase, RunOptions } from '../result.ts';
import type { ApiMessage } from './api-process.ts';
import type { PlainSampler } from './sampler.ts';
import type { PlainSettings } from './settings.ts';

export interface Played {
  phases: Phase[];
  /** The fault; the flood. */
  away: Phase;
  flood: Phase;
}

/** From quiet to the flood, with a deploy in its middle, a restart of Postgres after it, and what then drains. */
export async function play(
  given: {
    plan: PlainSettings['phases'];
    /** Seconds since the start of the run. */
    now(): number;
    toApi(message: ApiMessage): void;
    restart(awayMs: number): Promise<unknown>;
    /** Nothing is left to do. */
    drained(): boolean;
    sampler: PlainSampler;
  },
  { say, signal }: RunOptions,
): Promise<Played> {
  const { plan, now, toApi } = given;
  const until = (at: number) => pause(Math.max(0, (at - now()) * 1000), undefined, { signal });
  const restart = async (): Promise<Phase> => {
    await until(plan.quiet + plan.restartAfter);
    const from = now();
    say('plain: Postgres restarts');
    await given.restart(plan.away * 1000);
    return { name: 'database', from, to: now() };
  };
  const load = async (): Promise<[quiet: Phase, deploy: Phase, flood: Phase]> => {
    toApi({ enter: 'quiet' });
    await until(plan.quiet);
    const from = now();
    say('plain: from 50 to 50,000 images a minute');
    toApi({ enter: 'flood' });
    await until(plan.quiet + plan.deployAfter);
    const deployed = now();
    toApi({ deploy: true });
    await until(plan.quiet + plan.flood);
    toApi({ enter: 'over' });
    return [
      { name: 'quiet', from: 0, to: from },
      // The two versions overlap for longer, with their connections.
      { name: 'deploy', from: deployed, to: deployed },
      { name: 'flood', from, to: now() },
    ];
  };
  const progress = setInterval(() => say(`plain: ${given.sampler.progress()}`), 5_000);
  try {
    const [[quiet, deploy, flood], away] = await Promise.all([load(), restart()]);
    while (now() < plan.atMost && !given.drained()) await pause(100, undefined, { signal });
    const drain = { name: 'drain', from: flood.to, to: now() };
    return { phases: [quiet, flood, deploy, away, drain].sort((a, b) => a.from - b.from), away, flood };
  } finally {
    clearInterval(progress);
  }
}
