import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BuildFailed } from '../../lib/functions/mistakes.ts';

/** Fields of our own package.json that the package has too. */
export interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies: Record<string, string>;
}

/** Given by the app that imports the package: two copies of these in one app do not work. */
const peers = ['aws-cdk-lib', 'constructs'];

/**
 * The package.json of the package: of our dependencies those that the compiled code in `folder` imports, from the
 * version that is tested upwards.
 * @throws BuildFailed where it imports one that package.json does not name.
 */
export function packageManifest(own: Manifest, folder: string): object {
  const { name, version, description, license, dependencies } = own;
  const ranges = (names: string[]) =>
    Object.fromEntries(
      names.map((needed) => {
        const tested = dependencies[needed];
        if (tested === undefined)
          throw new BuildFailed(`lib imports ${needed}, which is not among the dependencies of package.json`);
        return [needed, `^${tested}`];
      }),
    );
  return {
    name,
    version,
    description,
    license,
    type: 'module',
    // import.meta.dirname is 20.11, require() of an ES module without a flag 20.19.
    engines: { node: '>=20.19' },
    // Beside `exports` for TypeScript's older ways to resolve; `default` because CommonJS may require it too.
    main: './lib/image-pipeline.js',
    types: './lib/image-pipeline.d.ts',
    exports: {
      '.': { types: './lib/image-pipeline.d.ts', default: './lib/image-pipeline.js' },
      './package.json': './package.json',
    },
    dependencies: ranges(importedPackages(folder).filter((needed) => !peers.includes(needed))),
    peerDependencies: ranges(peers),
  };
}

/** Names of the packages that compiled code and its declarations import. */
export function importedPackages(folder: string): string[] {
  const names = compiledFiles(folder, /\.js$|\.d\.ts$/)
    .flatMap((file) => [
      ...readFileSync(file, 'utf8').matchAll(/\b(?:from |import\(|import )['"]([^'".][^'"]*)['"]/g),
    ])
    .map(([, target = '']) => target)
    .filter((target) => !target.startsWith('node:'))
    .map((target) =>
      target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  return [...new Set(names)].sort();
}

/** What tsc made; the functions are none of it. */
export function compiledFiles(folder: string, wanted: RegExp): string[] {
  return ['lib', 'lambda'].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
      .filter((file) => wanted.test(file))
      .map((file) => join(folder, part, file)),
  );
}
