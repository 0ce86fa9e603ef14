import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { resultPage, resultTables } from './report/page.ts';
import { holds } from './report/promise.ts';

const options = { quick: { type: 'boolean' }, file: { type: 'string' }, codecs: { type: 'string' } } as const;

/**
 * Renders one photograph to the six default variants by Sluice, six plain pipelines, other programs and the bare codecs, in
 * turns, also at equal score; then measures memory. `--quick` reports the main ratios within a minute, or a few where the
 * qualities of equal score are not in the cache yet, and records nothing; `--file` uses your photograph and records nothing;
 * `--codecs` names a folder with builds of libjpeg-turbo, libwebp, libavif and libaom for the floor.
 * @returns whether all measured promises hold
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options });
  if (process.platform !== 'linux') {
    say('Skipped: the costs of a sandbox are read from /proc, which only Linux has.');
    return true;
  }
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  try {
    const result = await measure(values, folder, say);
    say(resultTables(result));
    if (!values.quick && values.file === undefined) {
      writeFileSync(join(import.meta.dirname, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
      writeFileSync(join(import.meta.dirname, 'result.md'), resultPage(result));
    }
    return result.promises.every(holds);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
