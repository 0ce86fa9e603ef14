import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Bundle, bundleFunctions, bundleScripts, type FunctionFile } from './bundle.ts';
import { rdsRoots } from './rds-roots.ts';
import type { FunctionSpecification } from './specifications.ts';

/** Where the package that `scripts/pack.ts` makes has its parts; a checkout has no such folder. */
export function packedParts(projectRoot: string): string {
  return join(projectRoot, 'functions');
}

/** True for the installed package, false for a checkout. */
export function isPacked(projectRoot: string): boolean {
  return existsSync(packedParts(projectRoot));
}

/**
 * All files of the functions that no configuration and no machine changes. The package brings them, so that what
 * runs is what was tested, whatever versions its user has installed; a checkout compiles them.
 * @throws BuildFailed where the sources do not compile.
 */
export function functionParts(specifications: FunctionSpecification[], projectRoot: string): FunctionFile[] {
  const parts = isPacked(projectRoot)
    ? read(packedParts(projectRoot), '', { recursive: true })
    : compiledParts(specifications, projectRoot).files;
  return [...parts, ...rdsRoots(specifications, projectRoot)];
}

/**
 * As `functionParts`, from the sources, with what was bundled into the functions; without the roots of RDS, of which a
 * package needs one copy. @throws BuildFailed
 */
export function compiledParts(specifications: FunctionSpecification[], projectRoot: string): Bundle {
  const sql = /^\d+_.*\.sql$/;
  const { files, sources } = bundleFunctions(specifications, projectRoot);
  return {
    files: [
      ...files,
      // Without the font no text watermark can be drawn: Lambda has none.
      ...read(join(projectRoot, 'lambda/imaging/watermark/font'), 'process/assets'),
      ...read(join(projectRoot, 'migrations'), 'migrate/migrations', { wanted: sql }),
      ...page(projectRoot),
    ],
    sources,
  };
}

/** The page, from `console/`: the scripts that its HTML loads are bundled, everything else is copied. */
function page(projectRoot: string): FunctionFile[] {
  const wanted = /\.(html|css|svg|png|ico|webmanifest)$/;
  const copied = read(join(projectRoot, 'console'), 'api/console', { wanted });
  const loaded = copied
    .filter(({ path }) => path.endsWith('.html'))
    .flatMap(({ contents }) => [
      ...Buffer.from(contents)
        .toString()
        .matchAll(/<script[^>]*\ssrc="(?:[^"]*\/)?([\w-]+)\.js"/g),
    ]);
  const scripts = [...new Set(loaded.map(([, name]) => `./console/${name}.ts`))];
  const bundled = bundleScripts(scripts, projectRoot);
  return [...copied, ...bundled.map(({ path, contents }) => ({ path: `api/console/${path}`, contents }))];
}

/** Files of a folder, in a fixed order, as they lie below `to`; none where there is no such folder. */
function read(folder: string, to: string, { wanted = /./, recursive = false } = {}): FunctionFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive })
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((file) => ({
      path: join(to, relative(folder, file)).replaceAll(sep, '/'),
      contents: readFileSync(file),
    }));
}
