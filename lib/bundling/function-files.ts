import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Catalogue, catalogue } from '../catalogue/catalogue.ts';
import type { FileSet } from '../catalogue/definition.ts';
import { eachFunction } from '../catalogue/select.ts';
import { type Bundle, bundleFunctions, bundleScripts, type FunctionFile } from './bundle.ts';
import { rdsRoots } from './rds-roots.ts';

/** Functions in the package made by `scripts/pack.ts`; a checkout has no such folder. */
export function packedFunctions(projectRoot: string): string {
  return join(projectRoot, 'functions');
}

export function isPacked(projectRoot: string): boolean {
  return existsSync(packedFunctions(projectRoot));
}

/**
 * The functions' files that depend on neither configuration nor machine. The package contains them, so that the tested
 * code runs whatever versions its user has installed; a checkout compiles them.
 * @throws BuildFailed if the sources do not compile.
 */
export function functionFiles(projectRoot: string, functions: Catalogue = catalogue): FunctionFile[] {
  const files = isPacked(projectRoot)
    ? read(packedFunctions(projectRoot), '', { recursive: true })
    : compiledFiles(projectRoot, functions).files;
  return [...files, ...rdsRoots(projectRoot, functions)];
}

/** The same from the sources, with the bundled paths, without the RDS roots (one copy per package). @throws BuildFailed */
export function compiledFiles(projectRoot: string, functions: Catalogue = catalogue): Bundle {
  const sql = /^\d+_.*\.sql$/;
  const { files, sources } = bundleFunctions(projectRoot, functions);
  const sets: Record<FileSet, (name: string) => FunctionFile[]> = {
    // Text watermarks need the font: Lambda has none.
    font: (name) => read(join(projectRoot, 'lambda/imaging/watermark/font'), `${name}/assets`),
    migrations: (name) => read(join(projectRoot, 'migrations'), `${name}/migrations`, { wanted: sql }),
    console: (name) => page(projectRoot, `${name}/console`),
    // They come with the configuration: buildFunctions adds them.
    watermarks: () => [],
  };
  const added = eachFunction(functions, (name, definition) =>
    definition.files.flatMap((set) => sets[set](name)),
  );
  return { files: [...files, ...Object.values(added).flat()], sources };
}

/** The page, from `console/`: the scripts that its HTML loads are bundled, everything else is copied. */
function page(projectRoot: string, to: string): FunctionFile[] {
  const wanted = /\.(html|css|svg|png|ico|webmanifest)$/;
  const copied = read(join(projectRoot, 'console'), to, { wanted });
  const loaded = copied
    .filter(({ path }) => path.endsWith('.html'))
    .flatMap(({ contents }) => [
      ...Buffer.from(contents)
        .toString()
        .matchAll(/<script[^>]*\ssrc="(?:[^"]*\/)?([\w-]+)\.js"/g),
    ]);
  const scripts = [...new Set(loaded.map(([, name]) => `./console/${name}.ts`))];
  const bundled = bundleScripts(scripts, projectRoot);
  return [...copied, ...bundled.map(({ path, contents }) => ({ path: `${to}/${path}`, contents }))];
}

/** Files of a folder, in a fixed order, with paths below `to`; none if the folder does not exist. */
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
