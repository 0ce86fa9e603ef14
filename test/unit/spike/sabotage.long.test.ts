import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { compiledFiles } from '../../../lib/bundling/function-files.ts';
import { traces } from './sabotage-traces.ts';

it('the sabotages of a spike are in no deployed bundle', () => {
  const { files, sources } = compiledFiles(resolve(import.meta.dirname, '../../..'));
  const code = files.filter(({ path }) => path.endsWith('.mjs'));
  expect(code.length).toBeGreaterThan(5);
  expect(code.filter(({ contents }) => traces.test(Buffer.from(contents).toString()))).toEqual([]);
  expect(sources.filter((source) => /^(bench|test|local)\//.test(source) || traces.test(source))).toEqual([]);
});
