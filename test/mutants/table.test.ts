import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { collectTrials } from './collect.ts';
import { rooms } from './rooms.ts';

const projectRoot = resolve(import.meta.dirname, '../..');

it('each row of the tables of mutants names a text that occurs once, and existing tests', () => {
  const trials = collectTrials(projectRoot, { seed: 1, share: 1 });
  expect(trials.filter(({ tests }) => tests.length === 0).map(({ file }) => file)).toEqual([]);
  // A generator that finds nothing to change must not pass for a good score.
  for (const { name, sample } of rooms)
    expect(
      trials.filter(({ room }) => room === name),
      name,
    ).toHaveLength(sample);
});
