import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../imaging/cache.ts';
import { calibrate } from './calibrate.ts';
import { evaluate } from './evaluate.ts';
import { type Observation, observe } from './observe.ts';
import { calibrationPage } from './page.ts';
import { observedText, readObserved } from './recorded.ts';
import { calibrationSource } from './source.ts';

const last = join(cacheFolder, 'codecs');
const lambda = join(import.meta.dirname, '../../../lambda/imaging/encode/calibration.ts');

/**
 * Finds the numbers of the encoders for a score, in about 20 minutes. A run that was cut short goes on where it ended,
 * unless `fresh`. `write` records what was observed, the page, and the numbers that the decoder child uses.
 */
export async function runCalibration(
  { write, fresh }: { write: boolean; fresh: boolean },
  say: (line: string) => void,
): Promise<void> {
  mkdirSync(last, { recursive: true });
  const path = join(last, 'observed.jsonl');
  if (fresh || !existsSync(path)) writeFileSync(path, '');
  const known = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Observation);
  const seen = [...known];
  await observe(
    say,
    (observations) => {
      seen.push(...observations);
      appendFileSync(path, observations.map((one) => `${JSON.stringify(one)}\n`).join(''));
    },
    known,
  );
  // As recorded: with fewer digits the fit would be another in the last ones.
  const text = observedText(seen);
  const observations = readObserved(text);
  const page = calibrationPage(evaluate(observations));
  writeFileSync(join(last, 'calibration.md'), page);
  if (write) {
    const folder = join(import.meta.dirname, '..');
    writeFileSync(join(import.meta.dirname, 'observed.json'), text);
    writeFileSync(join(folder, 'calibration.md'), page);
    writeFileSync(lambda, calibrationSource(calibrate(observations)));
  }
  say(page);
}
