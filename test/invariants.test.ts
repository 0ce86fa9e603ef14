import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const page = readFileSync(join(root, 'docs/invariants.md'), 'utf8');
const sections = new Map(
  page.split(/^## (?=I\d+\. )/m).flatMap((section) => {
    const name = /^I\d+(?=\. )/.exec(section)?.[0];
    return name === undefined ? [] : [[name, section] as const];
  }),
);

/** Files that the section's line links to, as paths of the repository. */
function linked(section: string, line: 'Kept by' | 'Held by'): string[] {
  const text = section.split('\n').find((each) => each.startsWith(`- ${line} `)) ?? '';
  return [...text.matchAll(/\]\(\.\.\/([^)]+)\)/g)].map(([, path = '']) => path);
}

const cited = ['lambda', 'lib', 'local', 'bin', 'scripts', 'console', 'bench', 'migrations', 'test']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => /\.(ts|sql)$/.test(file) && !file.includes('node_modules'))
  .flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(/\((I\d+)\)/g)].map(([, name = '']) => ({
      file,
      name,
    })),
  );

describe('docs/invariants.md', () => {
  it('docs/invariants.md explains each invariant that the source cites', () => {
    expect(cited.length).toBeGreaterThan(10);
    expect(cited.filter(({ name }) => !sections.has(name))).toEqual([]);
  });

  it.each(['Kept by', 'Held by'] as const)('docs/invariants.md links to existing files (%s)', (line) => {
    expect([...sections.keys()]).toEqual(Array.from({ length: 12 }, (_, index) => `I${index + 1}`));
    for (const [name, section] of sections) {
      const files = linked(section, line);
      expect(files.length, `${name} ${line}`).toBeGreaterThan(0);
      for (const file of files) expect(readFileSync(join(root, file), 'utf8')).not.toBe('');
    }
  });

  it('docs/invariants.md lists only tests under "Held by"', () => {
    const files = [...sections.values()].flatMap((section) => linked(section, 'Held by'));
    expect(files.filter((file) => !/^test\/.+\.test\.ts$/.test(file))).toEqual([]);
  });
});
