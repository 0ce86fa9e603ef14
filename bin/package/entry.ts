import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

/** What the package exports, in the checkout; compiled it is of the same name, with `.js`. */
const entry = 'lib/sluice.ts';

/**
 * Compiles what apps import, beside the declarations that tsc has put into `folder`.
 *
 * It is CommonJS, as the CDK is: apps of `cdk init` are, and jest's modules cannot load any other. Node gives ES modules
 * the same names of it, so there is no second build, and no app ever has two classes of one name. One file, because only
 * bundled code loses what is never loaded here, and keeps its way to the folders beside it.
 * @returns the packages that the code and the declarations import.
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
  const required = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return packagesOf([...required, ...importedByTypes(folder)]);
}

/**
 * tsc leaves `./file.ts` in declarations: TypeScript reads it as file.d.ts, other tools do not (TypeScript#61037).
 * @returns what they import besides.
 */
function importedByTypes(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.d.ts'))
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      writeFileSync(
        join(folder, file),
        text.replaceAll(/(\bfrom |\bimport\()(['"])(\.{1,2}\/[^'"]*)\.ts\2/g, '$1$2$3.js$2'),
      );
      return [...text.matchAll(/\b(?:from |import\(|import )['"]([^'".][^'"]*)['"]/g)].map(
        ([, target = '']) => target,
      );
    });
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
