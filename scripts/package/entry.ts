import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** The entry of the package in the checkout; compiled it has the same name, with `.js`. */
const entry = 'lib/sluice.ts';

/**
 * Compiles the package's entry into `folder`.
 *
 * It is CommonJS like the CDK and the apps of `cdk init`, and jest can load nothing else. Node gives ES modules the same
 * names, so there is no second build, and no app has two classes of one name. It is one file, because only a bundle
 * drops unused code and keeps its path to the folders next to it.
 * @returns the modules of packages that it imports
 */
export function compileEntry(root: string, folder: string): string[] {
  const { metafile } = buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile: join(folder, 'lib/sluice.js'),
    bundle: true,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // The file is as deep in the package as the entry in the checkout.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
}

/** Names of packages, without Node's modules and without paths inside packages. */
export function packagesOf(targets: readonly string[]): string[] {
  const names = targets
    .filter((target) => !target.startsWith('node:'))
    .map((target) =>
      target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)].sort();
}
