import { setImmediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { openDatabasePressure } from '../../../lambda/process/database-pressure.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { readImage } from '../postgres/rows.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

let testWorker: TestWorker;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker();
  photo = await smallPhoto(1);
});
afterAll(() => testWorker.close());
afterEach(() => testWorker.cloud.server.reset());

const row = (id: string) => readImage(testWorker.db.admin, id);
async function statuses(ids: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const id of ids) found.push((await row(id)).status);
  return found;
}

const almostOne = () => 0.999;

it('an open breaker claims one image, and the others after its success', async () => {
  const ids = [
    await testWorker.upload(photo),
    await testWorker.upload(photo),
    await testWorker.upload(photo),
  ];
  for (const id of ids) await testWorker.sendJob(id);
  const pressure = openDatabasePressure({ pause: async () => undefined });
  // An earlier batch of this environment has failed.
  pressure.breaker.failed(pressure.now());
  const { database } = testWorker.dependencies;
  const processing: number[] = [];
  const failed = await testWorker.deliver(await testWorker.receive(), {
    pressure,
    database: {
      ...database,
      run: async (work, options) => {
        const result = await database.run(work, options);
        const states = await statuses(ids);
        processing.push(states.filter((status) => status === 'processing').length);
        return result;
      },
    },
  });
  expect(failed).toEqual([]);
  expect(processing.slice(0, 2)).toEqual([1, 3]);
  expect(pressure.breaker.open).toBe(false);
  for (const id of ids) expect(await row(id)).toMatchObject({ status: 'ready', attempt: 1 });
});

it('when the database is back too late to start a job, the messages return soon and nothing is claimed', async () => {
  const id = await testWorker.upload(photo);
  await testWorker.sendJob(id);
  const { database } = testWorker.dependencies;
  let left = 60_000;
  let calls = 0;
  const failed = await testWorker.deliver(await testWorker.receive(), {
    database: {
      ...database,
      run: (work, options) => {
        calls += 1;
        if (calls > 1) return database.run(work, options);
        // Until less than a decode may take is left.
        left = 8_000;
        return Promise.reject(new TransientFailure('database_unavailable', 'away'));
      },
    },
    remaining: () => left,
  });
  expect(failed).toHaveLength(1);
  expect(calls).toBe(2);
  for (const seconds of testWorker.hidden()) expect(seconds).toBeLessThanOrEqual(5);
  expect(await row(id)).toMatchObject({ status: 'queued', attempt: 0 });
});

it('the wait for the database ends with the time for work, also if the clock of the invocation stands still', async () => {
  await testWorker.sendJob(await testWorker.upload(photo));
  const pressure = openDatabasePressure({ pause: () => setImmediate() });
  const failed = await testWorker.deliver(await testWorker.receive(), {
    pressure,
    database: {
      ...testWorker.dependencies.database,
      run: () => Promise.reject(new TransientFailure('database_unavailable', 'away')),
    },
    remaining: () => 400,
  });
  expect(failed).toHaveLength(1);
});

it('after slow statements fewer images are claimed, the others return spread, and the share is recorded', async () => {
  const ids: string[] = [];
  for (let count = 0; count < 4; count += 1) ids.push(await testWorker.upload(photo));
  for (const id of ids) await testWorker.sendJob(id);
  const pressure = openDatabasePressure({ pause: async () => undefined });
  for (let failure = 0; failure < 3; failure += 1) pressure.concurrency.failed(failure * 2_000);
  testWorker.recorded.length = 0;
  const failed = await testWorker.deliver(await testWorker.receive(), { pressure, random: almostOne });
  // A fifth of four is one; the claim has raised the share to 0.3.
  expect(failed).toHaveLength(3);
  expect(testWorker.recorded).toContainEqual({ name: 'EffectiveConcurrency', dimensions: {}, value: 30 });
  expect(testWorker.hidden().map((seconds) => Math.ceil(seconds))).toEqual([7, 7, 7]);
  expect((await statuses(ids)).sort()).toEqual(['queued', 'queued', 'queued', 'ready']);
});
