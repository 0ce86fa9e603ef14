import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { decode } from '../encode.ts';
import { butteraugli } from '../judges/butteraugli.ts';
import { readPpm, writePpm } from '../judges/ppm.ts';
import { type Ssimulacra2, startSsimulacra2 } from '../judges/ssimulacra2.ts';
import { type Encoded, encodedFile, referenceFile, throttled } from './timing.ts';

/** The second judge takes four times as long: it is asked about what lies around the compared scores, at one size. */
const asked = { from: 50, to: 92, size: 800 };
/** Two judges at once need 1 GB. */
const most = 2;

export interface Agreement {
  /** Pairs that the package itself judged too, and the greatest difference of the scores. */
  pairs: number;
  greatest: number;
}

/** Scores every encoded picture; nothing is timed meanwhile. `onJudged` is told of each at once. */
export async function judge(
  encoded: readonly Encoded[],
  second: boolean,
  say: (line: string) => void,
  onJudged: (one: Encoded) => void,
): Promise<Agreement> {
  const agreement = { pairs: 0, greatest: 0 };
  const quietly = throttled(say);
  const waiting = encoded.values();
  let done = 0;
  const lanes = Array.from({ length: Math.min(most, cpus().length) }, async () => {
    const judge = startSsimulacra2();
    try {
      for (const one of waiting) {
        const begin = (what: string) =>
          quietly(
            `Judging: ${done} of ${encoded.length} done, now ${one.picture} at ${one.size} px, ${what}`,
          );
        await judgeOne(one, judge, second, agreement, begin);
        onJudged(one);
        done++;
      }
    } finally {
      judge.stop();
    }
  });
  await Promise.all(lanes);
  return agreement;
}

async function judgeOne(
  one: Encoded,
  judge: Ssimulacra2,
  second: boolean,
  agreement: Agreement,
  begin: (what: string) => void,
): Promise<void> {
  const reference = join(one.folder, referenceFile);
  const distorted = join(one.folder, 'distorted.ppm');
  const { data } = readPpm(reference);
  // The package is slow: one pair of each picture, at the smallest size.
  let check = one.size === 320;
  for (const { setting, level, sample } of one.entries) {
    begin(setting.label);
    const pixels = await decode(readFileSync(join(one.folder, encodedFile(setting.name, level))));
    if (pixels.equals(data)) {
      sample.score = 100;
      sample.distance = 0;
      continue;
    }
    writePpm(distorted, { ...one, data: pixels });
    const seen = await judge.score(reference, distorted, check);
    sample.score = seen.score;
    if (seen.package !== undefined) {
      agreement.pairs++;
      agreement.greatest = Math.max(agreement.greatest, Math.abs(seen.package - seen.score));
      check = false;
    }
    if (second && one.twice && one.size === asked.size && seen.score >= asked.from && seen.score <= asked.to)
      sample.distance = await butteraugli(reference, distorted);
  }
}
