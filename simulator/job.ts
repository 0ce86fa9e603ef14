import { decoderStartSeconds } from '../lib/rules/measured.ts';
import type { Assignment, BatchTime } from './batch.ts';
import type { Process } from './clock.ts';
import { valueAt } from './distributions.ts';
import { faultIn } from './faults.ts';
import { again, type Outcome, soon } from './outcome.ts';
import type { Environment } from './parts.ts';

/** Tries of a call to the bucket that fails, with their pauses. */
const storageTriesSeconds = [0.3, 0.6, 1.2] as const;
/** A sandbox that an image lost is tried once more. */
const losses = 2;

/** Fetch, decode, put: what lambda/process/job.ts does with a claimed image. */
export function* runJob(
  { image, complete }: Assignment,
  worker: Environment,
  time: BatchTime,
): Process<Outcome> {
  const { clock, scenario, random } = worker.parts;
  const { times, storageFaults } = scenario;
  if (!time.mayStart()) return { released: soon(random) };
  const isBrownOut = worker.brownOut.active;
  if (complete && isBrownOut) return { completed: false };

  const transfer = function* (seconds: number): Process<boolean> {
    const began = clock.now;
    yield seconds;
    if (!faultIn(storageFaults, began, clock.now)) return true;
    yield valueAt(storageTriesSeconds, random());
    return false;
  };
  if (!(yield* transfer(valueAt(times.fetch, random())))) return failed(complete, worker);

  // One image at a time is in the sandbox.
  const portion = complete ? scenario.worker.later : isBrownOut ? scenario.worker.cheapest : 1;
  const puts = complete || isBrownOut ? scenario.worker.cheapestPuts : 1;
  const factor = image.work * portion * (scenario.worker.decodeFactor?.(clock.now) ?? 1);
  const decode = image.poison
    ? losses * (decoderStartSeconds + random() * times.decode[0])
    : factor * valueAt(times.decode, random());
  const freeAt = Math.max(clock.now, worker.sandboxFreeAt) + decode;
  if (freeAt - clock.now > time.forWork()) {
    yield time.forWork();
    return failed(complete, worker);
  }
  worker.sandboxFreeAt = freeAt;
  if (freeAt > clock.now) yield freeAt - clock.now;
  if (image.poison) return { end: 'rejected' };

  if (!(yield* transfer(puts * valueAt(times.put, random())))) return failed(complete, worker);
  return complete ? { completed: true } : { end: 'ready', pending: isBrownOut };
}

/** An outage does not count against the image. */
function failed(complete: boolean, { parts: { random, scenario } }: Environment): Outcome {
  return complete ? { completed: false } : { released: again(random, scenario.worker.backOffBase) };
}
