import { BuildFailed } from '../../lib/build/build-failed.ts';

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
 * The package.json of the package: of our dependencies those that it imports, from the version that is tested upwards.
 * @param imported names of packages.
 * @throws BuildFailed where it imports one that package.json does not name.
 */
export function packageManifest(own: Manifest, imported: readonly string[]): object {
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
    type: 'commonjs',
    // What the CDK itself asks for.
    engines: { node: '>=20' },
    // Beside `exports` for TypeScript's older ways to resolve.
    main: './lib/sluice.js',
    types: './lib/sluice.d.ts',
    exports: {
      '.': { types: './lib/sluice.d.ts', default: './lib/sluice.js' },
      './package.json': './package.json',
    },
    dependencies: ranges(imported.filter((needed) => !peers.includes(needed))),
    peerDependencies: ranges(peers),
  };
}
