import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compiledFunctions } from '../../local/compiled-functions.ts';

let root: string;
let compiled: number;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-compiled-'));
  compiled = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const files = [{ path: 'api/index.mjs', contents: new Uint8Array([1, 0, 255]) }];
const of = (fingerprint: string) =>
  compiledFunctions(root, fingerprint, async () => {
    compiled += 1;
    return files;
  });
const cache = () => join(root, 'node_modules/.cache/sluice/functions');

it('compiles the same sources once, and returns the same bytes', async () => {
  expect(await of('a')).toEqual(files);
  expect(await of('a')).toEqual(files);
  expect(compiled).toBe(1);
});

it('compiles other sources', async () => {
  await of('a');
  await of('b');
  expect(compiled).toBe(2);
});

it('compiles again what a damaged cache cannot return', async () => {
  await of('a');
  for (const name of readdirSync(cache())) writeFileSync(join(cache(), name), 'half');
  expect(await of('a')).toEqual(files);
  expect(compiled).toBe(2);
});

it('keeps the four newest builds', async () => {
  for (const fingerprint of ['d', 'b', 'a', 'c']) await of(fingerprint);
  // They were made within a few milliseconds, which the times of files do not tell apart.
  for (const [second, name] of ['b', 'd', 'a', 'c'].entries())
    utimesSync(join(cache(), name), second, second);
  await of('e');
  expect(readdirSync(cache()).sort()).toEqual(['a', 'c', 'd', 'e']);
});
