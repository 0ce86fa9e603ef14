import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { BuildFailed } from '../lib/bundling/build-failed.ts';
import { compiledFiles, packedFunctions } from '../lib/bundling/function-files.ts';
import { packedPin, pinOf } from '../lib/bundling/pins.ts';
import { rdsRootsFile } from '../lib/bundling/rds-roots.ts';
import { catalogue } from '../lib/catalogue/catalogue.ts';
import { command } from './package/command.ts';
import { compileDeclarations } from './package/declarations.ts';
import { compileEntry, packagesOf } from './package/entry.ts';
import { licencesOf } from './package/licences.ts';
import { type Manifest, packageManifest } from './package/manifest.ts';
import { packagedTexts } from './package/texts.ts';

/*
 * npm run pack -- [folder]: builds the package for other CDK apps, as `.package/sluice/` and a tarball next to it.
 *
 * Node strips no types below node_modules, so lib is compiled (package/entry.ts). The functions are bundled here and not
 * by the importing app: what is deployed is what was tested, and esbuild, the AWS SDK and pg are no dependencies. sharp
 * and koffi are installed at synth, for the platform of the functions, with the part of our lock file that pins them.
 */

const root = resolve(import.meta.dirname, '..');
const out = resolve(process.argv[2] ?? join(root, '.package'));
const folder = join(out, 'sluice');

try {
  rmSync(folder, { recursive: true, force: true });
  const imported = packagesOf([...compileDeclarations(root, folder), ...compileEntry(root, folder)]);

  const { files, sources } = compiledFiles(root);
  for (const { path, contents } of files) write(join(packedFunctions(folder), path), contents);
  for (const name of new Set(Object.values(catalogue).flatMap(({ nativePackages }) => nativePackages)))
    write(packedPin(name, folder), json(pinOf(name, root)));
  write(join(folder, 'THIRD-PARTY-LICENCES.txt'), licencesOf(sources, root));

  for (const file of ['LICENSE', rdsRootsFile]) write(join(folder, file), readFileSync(join(root, file)));
  for (const [path, text] of packagedTexts(root)) write(join(folder, path), text);
  const own = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
  write(join(folder, 'package.json'), json(packageManifest(own, imported)));
  const tarball = command(root, 'npm', [
    'pack',
    folder,
    '--pack-destination',
    out,
    '--loglevel=error',
  ]).trim();
  console.log(join(out, tarball));
} catch (error) {
  if (!(error instanceof BuildFailed)) throw error;
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function write(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, contents);
}
