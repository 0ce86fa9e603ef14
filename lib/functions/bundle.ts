import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync, type OutputFile } from 'esbuild';
import { BuildFailed } from './mistakes.ts';
import type { FunctionSpecification } from './specifications.ts';

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
): { path: string; contents: Uint8Array }[] {
  const entryPoints = specifications.flatMap(({ name, entries }) =>
    Object.entries(entries).map(([entry, source]) => ({ in: source, out: `${name}/${entry}` })),
  );
  const missing = entryPoints.filter((entry) => !existsSync(join(projectRoot, entry.in)));
  if (missing.length > 0) {
    const list = missing.map((entry) => `  - ${entry.in} (for ${entry.out}.mjs)`).join('\n');
    throw new BuildFailed(`Entry points are missing in ${projectRoot}:\n${list}`);
  }
  return compile(() =>
    buildSync({
      absWorkingDir: projectRoot,
      entryPoints,
      outdir: join(projectRoot, 'out'),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      // ES modules can be shaken where `main` (CommonJS) cannot: 536 kB instead of 1,721.
      mainFields: ['module', 'main'],
      minify: true,
      legalComments: 'external',
      banner: { js: banner },
      // pg asks for its native sibling inside try; it is not used.
      external: [...new Set(specifications.flatMap((s) => s.nativePackages)), 'pg-native'],
      logLevel: 'silent',
    }),
  ).map(({ path, contents }) => ({ path: path.slice(join(projectRoot, 'out').length + 1), contents }));
}

/** Bundles scripts for the browser: `console/page.ts` becomes `page.js`. */
export function bundleScripts(
  sources: string[],
  projectRoot: string,
): { path: string; contents: Uint8Array }[] {
  if (sources.length === 0) return [];
  return compile(() =>
    buildSync({
      absWorkingDir: projectRoot,
      entryPoints: sources,
      outdir: join(projectRoot, 'out'),
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'browser',
      // Browsers of the last two years or so.
      target: 'es2022',
      minify: true,
      legalComments: 'none',
      logLevel: 'silent',
    }),
  ).map(({ path, contents }) => ({ path: path.slice(join(projectRoot, 'out').length + 1), contents }));
}

function compile(build: () => { outputFiles: OutputFile[] }): OutputFile[] {
  try {
    return build().outputFiles;
  } catch (error) {
    throw new BuildFailed(`The functions do not compile: ${error instanceof Error ? error.message : error}`);
  }
}
