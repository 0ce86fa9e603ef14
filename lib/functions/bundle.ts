import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions, OutputFile } from 'esbuild';
import { BuildFailed } from './mistakes.ts';
import type { FunctionSpecification } from './specifications.ts';

/** A file of a function: `<function>/<path inside its folder>` and its bytes. */
export interface FunctionFile {
  path: string;
  contents: Uint8Array;
}

/**
 * Bundled CommonJS (pg, parts of the SDK) calls `require` for Node's own modules, which ES modules do not have.
 * The name is our own because esbuild does not see a banner when it chooses names.
 */
const banner =
  "import{createRequire as sluiceRequire}from'node:module';const require=sluiceRequire(import.meta.url);";

/**
 * Bundles the entries of all functions in one go, so that shared files are parsed once.
 * @returns each file's path as `<function>/<entry>.mjs` and its contents.
 * @throws BuildFailed where an entry is missing or does not compile.
 */
export function bundleFunctions(
  specifications: FunctionSpecification[],
  projectRoot: string,
): FunctionFile[] {
  const entryPoints = specifications.flatMap(({ name, entries }) =>
    Object.entries(entries).map(([entry, source]) => ({ in: source, out: `${name}/${entry}` })),
  );
  const missing = entryPoints.filter((entry) => !existsSync(join(projectRoot, entry.in)));
  if (missing.length > 0) {
    const list = missing.map((entry) => `  - ${entry.in} (for ${entry.out}.mjs)`).join('\n');
    throw new BuildFailed(`Entry points are missing in ${projectRoot}:\n${list}`);
  }
  return compile(projectRoot, {
    entryPoints,
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node24',
    // ES modules can be shaken where `main` (CommonJS) cannot: 536 kB instead of 1,721.
    mainFields: ['module', 'main'],
    legalComments: 'external',
    banner: { js: banner },
    // pg asks for its native sibling inside try; it is not used.
    external: [...new Set(specifications.flatMap((s) => s.nativePackages)), 'pg-native'],
  });
}

/** Bundles scripts for the browser: `console/page.ts` becomes `page.js`. */
export function bundleScripts(sources: string[], projectRoot: string): FunctionFile[] {
  if (sources.length === 0) return [];
  return compile(projectRoot, {
    entryPoints: sources,
    platform: 'browser',
    // Browsers of the last two years or so.
    target: 'es2022',
    legalComments: 'none',
  });
}

/** Paths of what comes out are relative: nothing is written. */
function compile(projectRoot: string, options: BuildOptions): FunctionFile[] {
  // Loaded when it is needed: the package brings its functions compiled, and no esbuild.
  const esbuild = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const outdir = join(projectRoot, 'out');
  let files: OutputFile[];
  try {
    files =
      esbuild.buildSync({
        absWorkingDir: projectRoot,
        outdir,
        bundle: true,
        write: false,
        format: 'esm',
        minify: true,
        logLevel: 'silent',
        ...options,
      }).outputFiles ?? [];
  } catch (error) {
    throw new BuildFailed(`The functions do not compile: ${error instanceof Error ? error.message : error}`);
  }
  return files.map(({ path, contents }) => ({ path: path.slice(outdir.length + 1), contents }));
}
