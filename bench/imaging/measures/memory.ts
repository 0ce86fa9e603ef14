import type { Photograph } from '../photographs/photographs.ts';
import { type Places, sluice } from '../ways/ways.ts';
import { startWorker } from '../ways/worker.ts';

/** The first run takes 50 MB less than the tenth: freed memory is fragmented. */
const times = 10;

/** Peak resident size in MB of a sandbox that makes the default variants of one photograph ten times. */
export async function peakOf({ name }: Photograph, places: Places): Promise<number> {
  const worker = startWorker(name, sluice(places, 'default', 'lane'));
  try {
    let peakMb = 0;
    for (let time = 0; time < times; time++) peakMb = (await worker.run({ photograph: name })).peakRssMb;
    return peakMb;
  } finally {
    worker.stop();
  }
}
