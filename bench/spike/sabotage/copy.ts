import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Replacement } from './table.ts';

/** What a build of the functions reads beside their sources. */
const linked = ['console', 'lib', 'migrations', 'node_modules', 'package.json', 'package-lock.json'];

/** Copies the functions' sources with these changes, so that no sabotage is ever in the working tree. */
export function copySources(projectRoot: string, to: string, replacements: readonly Replacement[]): void {
  mkdirSync(to, { recursive: true });
  cpSync(join(projectRoot, 'lambda'), join(to, 'lambda'), { recursive: true });
  for (const name of linked) symlinkSync(join(projectRoot, name), join(to, name));
  for (const replacement of replacements) {
    const file = join(to, replacement.file);
    writeFileSync(file, replaced(readFileSync(file, 'utf8'), replacement));
  }
}

/** @throws Error unless the text occurs exactly once */
export function replaced(source: string, { file, from, to }: Replacement): string {
  const count = source.split(from).length - 1;
  if (count !== 1) throw new Error(`${file} has ${count} times: ${from}`);
  return source.replace(from, () => to);
}
