import { seeded } from '../photographs/random.ts';
import { type Places, sluice } from '../ways/ways.ts';
import { startWorker } from '../ways/worker.ts';
import { middle } from './rounds.ts';

/** A long run of one sandbox, in MB. */
export interface LongRun {
  jobs: number;
  peakMb: number;
  /** Median resident size after the jobs 151 to 250, and after the last hundred. */
  earlyMb: number;
  lateMb: number;
  cpuSeconds: number;
}

/** After `warm` jobs the memory must stay where it is; both ends of the rest are compared. */
const warm = 150;
const compared = 100;

/**
 * Runs jobs of mixed kinds through one sandbox that is never replaced, the same ones for the same seed.
 * @param mix names of images; a name listed twice occurs twice as often
 */
export async function longRun(
  jobs: number,
  mix: readonly string[],
  places: Places,
  say: (line: string) => void,
): Promise<LongRun> {
  const random = seeded(500);
  const worker = startWorker('long run', sluice(places, 'default', 'lane'));
  const resident: number[] = [];
  let peakMb = 0;
  let cpuMs = 0;
  try {
    for (let job = 0; job < jobs; job++) {
      if (job % 50 === 0) say(`Job ${job} of ${jobs}`);
      const photograph = mix[Math.floor(random() * mix.length)] as string;
      const run = await worker.run({ photograph });
      resident.push(run.rssMb ?? 0);
      peakMb = Math.max(peakMb, run.peakRssMb);
      cpuMs += run.cpuMs;
    }
  } finally {
    worker.stop();
  }
  return {
    jobs,
    peakMb,
    earlyMb: middle(resident.slice(warm, warm + compared)),
    lateMb: middle(resident.slice(-compared)),
    cpuSeconds: cpuMs / 1000,
  };
}
