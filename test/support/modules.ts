import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/*
 * The modules of the project and their imports. A regular expression reads them from the text: tools that use the
 * TypeScript compiler find no modules with TypeScript 7 and report success.
 */
export const root = resolve(import.meta.dirname, '../..');
export const topFolders = [
  'bin',
  'scripts',
  'lib',
  'lambda',
  'local',
  'console',
  'simulator',
  'bench',
  'test',
];
const statement =
  /^\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm;

/** Path and imports relative to the root, or the name of a package. */
export interface Module {
  path: string;
  lines: number;
  text: string;
  imports: string[];
}

function readModule(path: string): Module {
  const text = readFileSync(join(root, path), 'utf8');
  const imports = [...text.matchAll(statement)].map(([, named, dynamic]) => {
    const target = named ?? dynamic ?? '';
    return target.startsWith('.') ? relative(root, resolve(root, dirname(path), target)) : target;
  });
  return { path, text, lines: text.split('\n').length - 1, imports };
}

export const modules = topFolders
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
  .map(readModule);

/** The arrows of cycles: removes those that lead to an end, or come from a beginning, until nothing changes. */
export function cycles(
  arrows: readonly (readonly [from: string | undefined, to: string | undefined])[],
): string[] {
  let left = arrows.filter(([from, to]) => from !== undefined && from !== to);
  for (let before = -1; before !== left.length; ) {
    before = left.length;
    const froms = new Set(left.map(([from]) => from));
    const tos = new Set(left.map(([, to]) => to));
    left = left.filter(([from, to]) => froms.has(to) && tos.has(from));
  }
  return left.map(([from, to]) => `${from} → ${to}`);
}
