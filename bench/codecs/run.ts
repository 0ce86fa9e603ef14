import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { cacheFolder } from '../imaging/cache.ts';
import { measure } from './measure.ts';
import { drawCodecs } from './report/chart.ts';
import { compactly } from './report/compactly.ts';
import { resultPage, summary } from './report/page.ts';

const options = { quick: { type: 'boolean' }, write: { type: 'boolean' } } as const;

/**
 * Measures what every encoder and effort of sharp takes in bytes and CPU for the same score, for many kinds of pictures at
 * the three default sizes. `--quick` measures a few within a minute; `--write` records result.json, result.md and
 * codecs.svg, for a quick run in the folder of caches. Every run leaves the same there, and all single samples.
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options });
  if (process.platform !== 'linux') {
    say('Skipped: memory and threads are read from /proc, which only Linux has.');
    return true;
  }
  const begun = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-codecs-'));
  try {
    const { result, measured } = await measure(values.quick === true, folder, say);
    const last = join(cacheFolder, 'codecs');
    for (const target of values.write && !values.quick ? [last, import.meta.dirname] : [last]) {
      mkdirSync(target, { recursive: true });
      writeFileSync(join(target, 'result.json'), compactly(result));
      writeFileSync(join(target, 'result.md'), resultPage(result));
      writeFileSync(join(target, 'codecs.svg'), drawCodecs(result));
    }
    writeFileSync(join(last, 'samples.json'), JSON.stringify(measured));
    say(summary(result));
    say(`${Math.round((performance.now() - begun) / 1000)} s. Tables, chart and samples: ${last}`);
    return result.checks.changed === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
