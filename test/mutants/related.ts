import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { catalogue } from '../../lib/catalogue/catalogue.ts';

const statement =
  /^\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]\s*\)/gm;

/** Further tests are too distant to add much, and cost minutes for each undetected mutant. */
const most = 24;

/** Sources that a test reaches without an import, in another process. */
const started: Readonly<Record<string, readonly string[]>> = {
  'test/unit/imaging/sandbox-folder.ts': ['lambda/imaging/sandbox/child.ts'],
  'local/build.ts': Object.values(catalogue).map(({ entries }) => entries.index),
};

/**
 * The unit and contract tests that reach a source: first those in the folder of its own tests, then by the number of
 * imports between them. Slow files are left out, and those that start a whole pipeline.
 */
export function openRelated(projectRoot: string): (source: string, nearest: string) => string[] {
  const tests = ['test/unit', 'test/contract'].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter(
        (file) => file.endsWith('.test.ts') && !file.endsWith('.long.test.ts') && !file.includes('mutator'),
      )
      .map((file) => join(folder, file)),
  );
  const importsOf = new Map<string, string[]>();
  const reached = new Map(tests.map((test) => [test, distances(test)]));

  function imports(path: string): string[] {
    const known = importsOf.get(path);
    if (known !== undefined) return known;
    const text = readFileSync(join(projectRoot, path), 'utf8');
    const found = [...text.matchAll(statement)].map(([, a, b]) =>
      relative(projectRoot, resolve(projectRoot, dirname(path), a ?? b ?? '')),
    );
    // Imports within string literals are for other processes.
    const own = found.filter((name) => name.endsWith('.ts') && existsSync(join(projectRoot, name)));
    const all = [...own, ...(started[path] ?? [])];
    importsOf.set(path, all);
    return all;
  }

  function distances(test: string): Map<string, number> {
    const far = new Map([[test, 0]]);
    for (const [path, steps] of far)
      for (const next of imports(path)) if (!far.has(next)) far.set(next, steps + 1);
    return far;
  }

  return (source, nearest) =>
    tests
      .flatMap((test) => {
        const steps = reached.get(test)?.get(source);
        return steps === undefined ? [] : [{ test, far: (test.startsWith(nearest) ? 0 : 100) + steps }];
      })
      .sort((a, b) => a.far - b.far || (a.test < b.test ? -1 : 1))
      .slice(0, most)
      .map(({ test }) => test);
}
