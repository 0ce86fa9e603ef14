import { BuildFailed } from '../../lib/bundling/build-failed.ts';

export interface Manifest {
  name: string;
  version: string;
  description: string;
  license: string;
  dependencies: Record<string, string>;
}

/** Provided by the importing app: two copies in one app do not work. */
const peers = ['aws-cdk-lib', 'constructs'];

/**
 * The package.json of the package, with those of our dependencies that it imports, from the tested version upwards.
 * @param imported names of packages
 * @throws BuildFailed if it imports one that is not in package.json
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
    // As the CDK requires.
    engines: { node: '>=20' },
    // In addition to `exports`, for older module resolutions of TypeScript.
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
