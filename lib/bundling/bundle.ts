import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { type Catalogue, catalogue } from '../catalogue/catalogue.ts';
import { BuildFailed } from './build-failed.ts';

/** A file of a function: `<function>/<path inside its folder>` and its bytes. */
export interface FunctionFile {
  path: string;
  contents: Uint8Array;
}

/** The bundled files, and the paths of their sources relative to the root, packages included. */
export interface Bundle {
  files: FunctionFile[];
  sources: string[];
}

/**
 * Bundled CommonJS (pg, parts of the SDK) calls `require`, which ES modules lack. Under a name of our own, because esbuild
 * ignores banners when choosing names.
 */
const banner =
  "import{createRequire as sluiceRequire}from'node:module';const require=sluiceRequire(import.meta.url);";

/** Modules replaced in the bundles; each file has the reason. */
const replaced = {
  '@aws-sdk/credential-provider-node': 'lambda/aws/environment-credentials.ts',
  '@aws-sdk/credential-providers': 'lambda/aws/environment-credentials.ts',
  'node:http': 'lambda/aws/node-http.cjs',
  bowser: 'lambda/aws/no-browser.ts',
};

/**
 * Bundles each function's entries separately, so that its folder is self-contained.
 * @returns each file's path as `<function>/<entry>.mjs`, and that of the chunks it loads later.
 * @throws BuildFailed if an entry is missing or does not compile.
 */
export function bundleFunctions(projectRoot: string, functions: Catalogue = catalogue): Bundle {
  const entryPoints = Object.entries(functions).flatMap(([name, { entries }]) =>
    Object.entries(entries).map(([entry, source]) => ({ name, in: source, out: `${name}/${entry}` })),
  );
  const missing = entryPoints.filter((entry) => !existsSync(join(projectRoot, entry.in)));
  if (missing.length > 0) {
    const list = missing.map((entry) => `  - ${entry.in} (for ${entry.out}.mjs)`).join('\n');
    throw new BuildFailed(`Entry points are missing in ${projectRoot}:\n${list}`);
  }
  const options: BuildOptions = {
    outExtension: { '.js': '.mjs' },
    platform: 'node',
    target: 'node24',
    // Node 24 has it; esbuild would lower it for 1 kB and more.
    supported: { using: true },
    // Dynamic imports become files of their own. In one file esbuild wraps every module they reach, which prevents tree
    // shaking: 727 kB to parse at the start of `process` instead of 598.
    splitting: true,
    // ES modules can be tree-shaken, `main` (CommonJS) cannot: 536 kB instead of 1,721.
    mainFields: ['module', 'main'],
    legalComments: 'external',
    banner: { js: banner },
    // pg requires its native sibling inside try; it is not used.
    external: [
      ...new Set(Object.values(functions).flatMap(({ nativePackages }) => nativePackages)),
      'pg-native',
    ],
    alias: {
      ...Object.fromEntries(Object.entries(replaced).map(([name, file]) => [name, join(projectRoot, file)])),
      // The client of Kafka reads its WebAssembly from a file that no bundle has; this form contains it.
      '@platformatic/wasm-utils': '@platformatic/wasm-utils/bundled',
    },
  };
  const bundles = entryPoints.map(({ name, ...entry }) =>
    compile(projectRoot, { ...options, entryPoints: [entry], chunkNames: `${name}/[name]-[hash]` }),
  );
  return {
    files: bundles.flatMap(({ files }) => files),
    sources: [...new Set(bundles.flatMap(({ sources }) => sources))],
  };
}

/** Bundles scripts for the browser: `console/page.ts` becomes `page.js`. */
export function bundleScripts(sources: string[], projectRoot: string): FunctionFile[] {
  if (sources.length === 0) return [];
  return compile(projectRoot, {
    entryPoints: sources,
    platform: 'browser',
    // Browsers of about the last two years.
    target: 'es2022',
    legalComments: 'none',
  }).files;
}

/** Writes nothing: the paths of the results are relative to the output folder. */
function compile(projectRoot: string, options: BuildOptions): Bundle {
  // Loaded on first use: the package contains compiled functions and no esbuild.
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof import('esbuild');
  const outdir = join(projectRoot, 'out');
  try {
    const { outputFiles, metafile } = buildSync({
      ...options,
      absWorkingDir: projectRoot,
      outdir,
      bundle: true,
      write: false,
      metafile: true,
      format: 'esm',
      minify: true,
      logLevel: 'silent',
    });
    return {
      files: outputFiles.map(({ path, contents }) => ({ path: path.slice(outdir.length + 1), contents })),
      sources: Object.keys(metafile.inputs),
    };
  } catch (error) {
    throw new BuildFailed(`The functions do not compile: ${error instanceof Error ? error.message : error}`);
  }
}
