import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../imaging/cache.ts';
import { runCalibration } from './calibration/run.ts';
import { measure, type Part } from './measure.ts';
import { type Kind, kinds } from './pictures/kinds.ts';
import { drawCodecs } from './report/chart.ts';
import { resultPage, summary } from './report/page.ts';
import { written } from './report/recorded.ts';

const options = {
  quick: { type: 'boolean' },
  write: { type: 'boolean' },
  kinds: { type: 'string' },
  most: { type: 'string' },
  calibrate: { type: 'boolean' },
  fresh: { type: 'boolean' },
} as const;

/**
 * Measures what every encoder and effort of sharp takes in bytes and CPU for the same score, for many kinds of pictures at
 * the three default sizes. `--quick` measures a few within a minute; `--write` records result.json, result.md and
 * codecs.svg. `--kinds text,logo` and `--most 1` measure some kinds, and some pictures of each. Every run leaves its result and
 * all single samples in the folder of caches; a part of a run is recorded nowhere else. `--calibrate` finds the numbers of
 * the encoders for a score instead.
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options });
  if (process.platform !== 'linux') {
    say('Skipped: memory and threads are read from /proc, which only Linux has.');
    return true;
  }
  if (values.calibrate) {
    await runCalibration({ write: values.write ?? false, fresh: values.fresh ?? false }, say);
    return true;
  }
  const part = partOf(values);
  const whole = !part.quick && part.kinds === undefined && part.most === undefined;
  const begun = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-codecs-'));
  try {
    const last = join(cacheFolder, 'codecs');
    const samples = join(last, 'samples.jsonl');
    mkdirSync(last, { recursive: true });
    writeFileSync(samples, '');
    const result = await measure(part, folder, say, (one) =>
      appendFileSync(samples, `${JSON.stringify(one)}\n`),
    );
    for (const target of values.write && whole ? [last, import.meta.dirname] : [last]) {
      mkdirSync(target, { recursive: true });
      writeFileSync(join(target, 'result.json'), written(result));
      writeFileSync(join(target, 'result.md'), resultPage(result));
      writeFileSync(join(target, 'codecs.svg'), drawCodecs(result));
    }
    say(summary(result));
    say(`${Math.round((performance.now() - begun) / 1000)} s. Tables, chart and samples: ${last}`);
    return result.checks.changed === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @throws with a code for a kind or a number that there is not */
function partOf({
  quick = false,
  kinds: named,
  most,
}: {
  quick?: boolean;
  kinds?: string;
  most?: string;
}): Part {
  const wanted = named?.split(',');
  const unknown = wanted?.filter((name) => !kinds.some((kind) => kind === name)) ?? [];
  if (unknown.length > 0) throw wrong(`Unknown kind "${unknown[0]}". Kinds: ${kinds.join(', ')}.`);
  if (most !== undefined && !(Number(most) >= 1)) throw wrong('--most needs a number from 1.');
  return {
    quick,
    kinds: wanted?.filter((name): name is Kind => kinds.some((kind) => kind === name)),
    most: most === undefined ? undefined : Number(most),
  };
}

function wrong(message: string): Error {
  return Object.assign(new Error(message), { code: 'ERR_WRONG_OPTION' });
}
