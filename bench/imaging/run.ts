import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measure } from './measure.ts';
import { resultPage, resultTables } from './report/page.ts';
import { holds } from './report/promise.ts';

const options = { quick: { type: 'boolean' }, file: { type: 'string' }, codecs: { type: 'string' } } as const;

/**
 * One photograph to the six default variants by Sluice, by six plain pipelines, by other programs and by the bare
 * codecs, in turns; then what memory it takes. `--quick` gives the main ratios within a minute and records nothing;
 * `--file` takes a photograph of yours, and records nothing either; `--codecs` names a folder with builds of
 * libjpeg-turbo and libwebp for the floor.
 * @returns whether every promise that was measured holds
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options });
  if (process.platform !== 'linux') {
    say('Skipped: what a decoder child costs is read from /proc, which only Linux has.');
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
