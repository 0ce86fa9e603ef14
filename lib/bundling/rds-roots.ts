import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Catalogue, catalogue } from '../catalogue/catalogue.ts';
import { namesWhere } from '../catalogue/select.ts';
import { BuildFailed } from './build-failed.ts';
import type { FunctionFile } from './bundle.ts';

/** Its path in a checkout and in the package. */
export const rdsRootsFile = 'lambda/postgres/rds-global-bundle.pem';

/**
 * https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem as of July 2026: 108 self-signed roots, three per
 * commercial region; the first expires in 2061. New regions need a new file.
 */
export const rdsRootsSha256 = 'e5bb2084ccf45087bda1c9bffdea0eb15ee67f0b91646106e466714f9de3c7e3';

/**
 * The RDS roots for each function that uses Postgres, because the Lambda runtime may lack them.
 * @throws BuildFailed if the file is missing or not the reviewed one.
 */
export function rdsRoots(projectRoot: string, functions: Catalogue = catalogue): FunctionFile[] {
  const path = join(projectRoot, rdsRootsFile);
  if (!existsSync(path))
    throw new BuildFailed(`${path} does not exist: restore it from git, or reinstall the package.`);
  const contents = readFileSync(path);
  const sha256 = createHash('sha256').update(contents).digest('hex');
  if (sha256 !== rdsRootsSha256)
    throw new BuildFailed(
      `${path} has the SHA-256 ${sha256}, not ${rdsRootsSha256}. The functions trust every certificate in it. ` +
        'Restore the file from git, or enter a reviewed new one in lib/bundling/rds-roots.ts.',
    );
  return namesWhere(({ database }) => database !== undefined, functions).map((name) => ({
    path: `${name}/${basename(rdsRootsFile)}`,
    contents,
  }));
}
