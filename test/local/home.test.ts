import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openHome } from '../../local/home/home.ts';
import { lockHome } from '../../local/home/lock.ts';
import { readSecrets } from '../../local/home/secrets.ts';
import { describeProblem } from '../../local/problems.ts';
import { temporaryFolder } from './test-host.ts';

describe('the home folder', () => {
  test('the home folder is locked until it is released', () => {
    const home = openHome(temporaryFolder());
    const release = lockHome(home.lock, home.root);
    expect(() => lockHome(home.lock, home.root)).toThrow(/Another Sluice is using/);
    release();
    lockHome(home.lock, home.root)();
  });

  test.each([
    ['of a process that has gone', JSON.stringify({ pid: 2 ** 22 - 1, started: '1' })],
    ['of a process whose id is another’s by now', JSON.stringify({ pid: process.pid, started: '1' })],
    ['that was cut short', '{"pid":'],
  ])('a lock %s is taken over', (_what, text) => {
    const home = openHome(temporaryFolder());
    writeFileSync(home.lock, text);
    const release = lockHome(home.lock, home.root);
    release();
    expect(existsSync(home.lock)).toBe(false);
  });

  test('the home folder keeps its secrets, and a damaged file is reported', () => {
    const home = openHome(temporaryFolder());
    const first = readSecrets(home.secrets);
    expect(first.apiKey).toMatch(/^sluice_[\w-]{43}$/);
    expect(readSecrets(home.secrets)).toEqual(first);
    writeFileSync(home.secrets, '{}');
    expect(() => readSecrets(home.secrets)).toThrow(/is invalid/);
  });

  test('a file in place of the home folder is reported with a readable message', () => {
    const file = join(temporaryFolder(), 'home');
    writeFileSync(file, '');
    expect(() => openHome(file)).toThrow(/that is a file, not a folder/);
    mkdirSync(`${file}2`);
    expect(openHome(`${file}2`).root).toBe(`${file}2`);
  });
});

test('an unexpected error is reported with its stack', () => {
  expect(describeProblem(new TypeError('ours'))).toMatch(/TypeError: ours\n\s+at /);
  expect(describeProblem('text')).toBe('text');
});
