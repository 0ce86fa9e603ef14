import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { round } from '../../table.ts';
import { type Places, steps } from '../ways/ways.ts';
import { startWorker } from '../ways/worker.ts';
import { middle, type Runs } from './rounds.ts';

/** One call into a codec, and its CPU in ms: the median of the rounds. */
export interface Step {
  step: string;
  cpuMs: number;
}

/** The CPU of one photograph by calls, in order. */
export async function profile(
  photograph: string,
  rounds: number,
  places: Places,
  folder: string,
): Promise<Step[]> {
  const file = join(folder, 'steps.json');
  const worker = startWorker('steps', steps(places, file));
  const taken = new Map<string, number[]>();
  try {
    for (let at = -1; at < rounds; at++) {
      await worker.run({ photograph });
      if (at < 0) continue;
      const sums = new Map<string, number>();
      for (const { step, cpuMs } of JSON.parse(readFileSync(file, 'utf8')) as Step[])
        sums.set(step, (sums.get(step) ?? 0) + cpuMs);
      for (const [step, cpuMs] of sums) taken.set(step, [...(taken.get(step) ?? []), cpuMs]);
    }
  } finally {
    worker.stop();
  }
  return [...taken].map(([step, all]) => ({ step, cpuMs: round(middle(all), 1) }));
}

/** The parts of the floor, as medians of its runs. */
export function floorParts(runs: Runs): Step[] {
  const own = (runs.get('floor') ?? []).flatMap((run) => (run?.parts === undefined ? [] : [run.parts]));
  return Object.keys(own[0] ?? {}).map((step) => ({
    step,
    cpuMs: round(middle(own.map((parts) => parts[step] ?? Number.NaN)), 1),
  }));
}
