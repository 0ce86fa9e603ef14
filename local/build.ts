import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type FunctionSpecification, functionSpecifications } from '../lib/bundling/specifications.ts';
import { hostTarget } from '../lib/bundling/target.ts';
import { type Catalogue, catalogue, type FunctionName } from '../lib/catalogue/catalogue.ts';
import { eachFunction } from '../lib/catalogue/select.ts';
import type { ResolvedConfig } from '../lib/config/schema.ts';
import { compiledFunctions } from './compiled-functions.ts';

/** A function built for this machine. */
export interface LocalFunction {
  folder: string;
  specification: FunctionSpecification;
}

export interface LocalBuildOptions {
  config: ResolvedConfig;
  projectRoot: string;
  outDir: string;
  onProgress: (line: string) => void;
  /** The functions to build; by default all. */
  catalogue?: Catalogue;
}

/** The inputs of a build; a change of any of them causes a rebuild. */
const sources = ['lambda', 'console', 'migrations', 'lib/bundling', 'lib/catalogue', 'package-lock.json'];

/**
 * Builds the functions for this machine, unless the existing build has the same inputs (by names, sizes and times: 10 ms
 * instead of seconds).
 * @throws BuildFailed or ConfigMistakes
 */
export async function buildLocally(
  options: LocalBuildOptions,
): Promise<{ built: boolean; functions: Record<FunctionName, LocalFunction> }> {
  const { config, projectRoot, outDir, onProgress } = options;
  const definitions = options.catalogue ?? catalogue;
  const mark = join(outDir, 'fingerprint');
  const sourcesPrint = fingerprintOf(
    [process.version, definitions],
    sources.map((source) => join(projectRoot, source)),
  );
  const fingerprint = fingerprintOf(
    [sourcesPrint, config, process.arch],
    watermarkImages(config, projectRoot),
  );
  const specifications = functionSpecifications(config, definitions);
  if (existsSync(mark) && readFileSync(mark, 'utf8') === fingerprint) {
    const functions = eachFunction(definitions, (name) => ({
      folder: join(outDir, name),
      specification: specifications[name],
    }));
    if (Object.values(functions).every(({ folder }) => existsSync(join(folder, 'index.mjs'))))
      return { built: false, functions };
  }
  mkdirSync(outDir, { recursive: true });
  rmSync(mark, { force: true });
  // Loaded only for a build.
  const { buildFunctions } = await import('../lib/bundling/build.ts');
  const target = hostTarget();
  const files = await compiledFunctions(projectRoot, sourcesPrint, async () => {
    const { functionFiles } = await import('../lib/bundling/function-files.ts');
    return functionFiles(projectRoot, definitions);
  });
  const functions = buildFunctions({
    config,
    projectRoot,
    outDir,
    target,
    onProgress,
    functions: definitions,
    files,
  });
  writeFileSync(mark, fingerprint);
  return { built: true, functions };
}

/** Of values, and of the names, sizes and times of the files below the paths. */
function fingerprintOf(values: unknown[], paths: string[]): string {
  const digest = createHash('sha256').update(JSON.stringify(values));
  for (const file of paths.flatMap(filesOf)) {
    const found = statSync(file, { throwIfNoEntry: false });
    digest.update(`${file}\0${found?.size}\0${found?.mtimeMs}\0`);
  }
  return digest.digest('hex');
}

function watermarkImages({ watermarks }: ResolvedConfig, projectRoot: string): string[] {
  return Object.values(watermarks).flatMap((mark) =>
    mark.type === 'image' ? [resolve(projectRoot, mark.path)] : [],
  );
}

function filesOf(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (found.isFile()) return [path];
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
