import { globSync, readFileSync } from 'node:fs';
import { join, matchesGlob } from 'node:path';
import { expect, it } from 'vitest';
import { alone } from './support/alone.ts';

const root = join(import.meta.dirname, '..');
/** What outlives a file in its process: clients that are mocked for all, modules that are, sharp's limits. */
const outlives =
  /from 'aws-sdk-client-mock'|vi\.(?:do)?[mM]ock\(|\bsharp\.(?:block|cache|concurrency|simd)\(/;

it('a test that changes its process has one of its own, because the others share theirs', () => {
  const found = globSync('test/unit/**/*.test.ts', { cwd: root }).filter(
    (file) => !file.endsWith('.long.test.ts') && outlives.test(readFileSync(join(root, file), 'utf8')),
  );
  expect(found.length).toBeGreaterThan(5);
  expect(found.filter((file) => !alone.some((glob) => matchesGlob(file, glob)))).toEqual([]);
});

it('each of them exists', () => {
  for (const glob of alone) expect(globSync(glob, { cwd: root }), glob).not.toEqual([]);
});
