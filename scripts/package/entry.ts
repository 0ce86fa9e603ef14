import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** What the package exports, in the checkout; compiled it is of the same name, with `.js`. */
const entry = 'lib/sluice.ts';

/**
 * Compiles what apps import into `folder`.
 *
 * It is CommonJS, as the CDK is: apps of `cdk init` are, and jest's modules cannot load any other. Node gives ES modules
 * the same names of it, so there is no second build, and no app ever has two classes of one name. One file, because only
 * bundled code loses what is never loaded here, and keeps its way to the folders beside it.
 * @returns the modules of packages that it imports.
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
    // The file lies as deep in the package as the entry in the checkout.
    define: { 'import.meta.dirname': '__dirname', 'import.meta.url': '__filename' },
    logLevel: 'silent',
  });
  return Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
}

/** Names of packages, without Node's own modules and without paths inside of them. */
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
