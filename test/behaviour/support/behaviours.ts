import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetKind } from './target.ts';

/** A behaviour stated in the suite. */
export interface Stated {
  file: string;
  name: string;
  on: TargetKind[];
  proves: string;
}

const folder = join('test', 'behaviour');
const text = String.raw`'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"`;
const statement = new RegExp(
  String.raw`^behaviour\(\s*(?:${text}),\s*\{\s*on: \[([^\]]*)\],\s*proves:\s*(?:${text})`,
  'gm',
);

/**
 * The statements of the suite, read from its text without running it.
 * @throws if a statement cannot be read, so that none is missed
 */
export function readBehaviours(projectRoot: string): Stated[] {
  return readdirSync(join(projectRoot, folder))
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .flatMap((file) => {
      const source = readFileSync(join(projectRoot, folder, file), 'utf8');
      const found = [...source.matchAll(statement)].map(([, ...parts]) => {
        const [name1, name2, on = '', proves1, proves2] = parts;
        return {
          file: `${folder}/${file}`,
          name: unescaped(name1 ?? name2),
          on: [...on.matchAll(/'(\w+)'/g)].map(([, kind]) => kind as TargetKind),
          proves: unescaped(proves1 ?? proves2),
        };
      });
      const begun = source.match(/\bbehaviour\(/g)?.length ?? 0;
      if (found.length !== begun)
        throw new Error(`${file}: ${begun} behaviours, of which ${found.length} can be read`);
      return found;
    });
}

const unescaped = (literal = '') => literal.replace(/\\(.)/g, '$1');
