import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { FunctionFile } from '../lib/bundling/bundle.ts';

/** Builds of other sources that are kept, for branches and for tests with catalogues of their own. */
const kept = 4;

/**
 * The compiled functions, from the cache of this checkout or by `compile`. They depend on the sources alone, and compiling
 * takes some seconds of CPU, so that a change of the configuration and a second pipeline should not repeat it.
 * @param fingerprint of the sources, hexadecimal
 */
export async function compiledFunctions(
  projectRoot: string,
  fingerprint: string,
  compile: () => Promise<FunctionFile[]>,
): Promise<FunctionFile[]> {
  const folder = join(projectRoot, 'node_modules/.cache/sluice/functions');
  const file = join(folder, fingerprint);
  const found = readCompiled(file);
  if (found !== undefined) return found;
  const files = await compile();
  mkdirSync(folder, { recursive: true });
  // Renamed when complete: several pipelines may compile at once.
  const own = `${file}.${process.pid}`;
  writeFileSync(own, serialize(files));
  renameSync(own, file);
  removeOld(folder);
  return files;
}

/** Undefined if there is none, or if it cannot be read. */
function readCompiled(file: string): FunctionFile[] | undefined {
  try {
    return deserialize(readFileSync(file)) as FunctionFile[];
  } catch {
    return undefined;
  }
}

function removeOld(folder: string): void {
  const modified = (name: string) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const newest = readdirSync(folder).toSorted((a, b) => modified(b) - modified(a));
  for (const name of newest.slice(kept)) rmSync(join(folder, name), { force: true });
}
