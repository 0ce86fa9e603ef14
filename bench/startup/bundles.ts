import { cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type BuiltFunction, buildFunctions } from '../../lib/bundling/build.ts';
import { hostTarget } from '../../lib/bundling/target.ts';
import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';

const projectRoot = join(import.meta.dirname, '../..');

/** The two ways of bundling that are compared. */
export const ways = ['ours', 'plain'] as const;
export type Way = (typeof ways)[number];
export type Bundles = Record<Way, Record<FunctionName, string>>;

/** Builds every function both ways. Plain is esbuild's default: one file, nothing replaced, not minified. */
export function bundleBothWays(folder: string): Bundles {
  const built = buildFunctions({
    config: resolveConfig({ presets: { small: { width: 320 } } }),
    projectRoot,
    configRoot: projectRoot,
    outDir: join(folder, 'ours'),
    target: hostTarget(),
  });
  const plain = Object.entries(built).map(([name, { folder: from, specification }]) => {
    const to = join(folder, 'plain', name);
    // The files next to the bundle: settings, sharp, migrations, the page.
    cpSync(from, to, {
      recursive: true,
      filter: (path) => !/\.mjs$/.test(path) || path.includes('node_modules'),
    });
    bundlePlain(specification, to);
    return [name, to] as const;
  });
  const ours = Object.entries(built).map(([name, { folder: to }]) => [name, to] as const);
  return { ours: Object.fromEntries(ours), plain: Object.fromEntries(plain) } as Bundles;
}

function bundlePlain({ entries, nativePackages }: BuiltFunction['specification'], outdir: string): void {
  buildSync({
    absWorkingDir: projectRoot,
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: source, out })),
    outdir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    external: [...nativePackages, 'pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
}

/** Bytes of a function's code in all its files. */
export function codeBytes(folder: string): number {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.mjs'))
    .reduce((sum, file) => sum + statSync(join(folder, file)).size, 0);
}
