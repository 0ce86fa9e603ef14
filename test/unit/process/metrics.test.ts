import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
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

/** Uploads an image, or only inserts its row, and sends its message. */
async function sent(bytes?: Uint8Array, values: Record<string, unknown> = {}): Promise<string> {
  const id = await testWorker.upload(bytes, values);
  await testWorker.sendJob(id);
  return id;
}

/** Processes the visible messages. @returns the metrics recorded meanwhile, as `name dimension`. */
async function recordedBy(more: Parameters<TestWorker['deliver']>[1] = {}): Promise<string[]> {
  testWorker.recorded.length = 0;
  await testWorker.deliver(await testWorker.receive(), { random: () => 0, ...more });
  return testWorker.recorded.map(({ name, dimensions, value }) => {
    expect(value).toBe(1);
    return [name, ...Object.values(dimensions)].join(' ');
  });
}

const away = () => Promise.reject(new TransientFailure('database_unavailable', 'away'));

it('an image that becomes ready or rejected is counted once, and not again when its message is redelivered', async () => {
  const ids = [await sent(photo), await sent(Buffer.from('no picture'))];
  expect((await recordedBy()).sort()).toEqual(['ImagesEnded ready', 'ImagesEnded rejected']);
  for (const id of [...ids, ...ids]) await testWorker.sendJob(id);
  expect(await recordedBy()).toEqual([]);
});

it('an image that fails at its last attempt is counted once, and one that is tried again is not', async () => {
  const { maxAttempts } = testWorker.settings.process;
  const last = await sent(undefined, { failures: maxAttempts - 1 });
  await sent(undefined);
  expect(await recordedBy()).toEqual(['ImagesEnded failed', 'MessagesDeadLettered failed']);
  await testWorker.sendJob(last);
  // The second attempt of the other image fails too.
  expect(await recordedBy()).toEqual([]);
});

it('an image that a claim ends, because its last worker died, is counted once', async () => {
  const died = { status: 'processing', lease_stage: 'alone', lease_expires_at: new Date(0) };
  const id = await sent(undefined, { ...died, failures: testWorker.settings.process.maxAttempts - 1 });
  expect(await recordedBy()).toEqual(['ImagesEnded failed', 'MessagesDeadLettered failed']);
  expect(await readImage(testWorker.db.admin, id)).toMatchObject({ status: 'failed' });
  await testWorker.sendJob(id);
  expect(await recordedBy()).toEqual([]);
});

it('an image that had failed before is not counted when its letter is sent', async () => {
  await sent(undefined, { status: 'failed', attempt: 7, failures: 5 });
  expect(await recordedBy()).toEqual(['MessagesDeadLettered failed']);
});

it('a worker that lost its image to another one counts nothing', async () => {
  const id = await sent(photo);
  const decode: TestWorker['lane']['decode'] = async (work, options) => {
    await testWorker.db.admin.query('update image set attempt = attempt + 1 where id = $1', [id]);
    return testWorker.lane.decode(work, options);
  };
  expect(await recordedBy({ lane: { decode } })).toEqual([]);
});

it('an image whose first commit lost its response is counted once, and the outage too', async () => {
  await sent(photo);
  const { database } = testWorker.dependencies;
  let calls = 0;
  const losing: typeof database = {
    ...database,
    run: async (work, options) => {
      const result = await database.run(work, options);
      calls += 1;
      return calls === 2 ? away() : result;
    },
  };
  expect(await recordedBy({ database: losing })).toEqual(['ImagesEnded ready', 'DatabaseUnavailable']);
  expect(calls).toBe(3);
});

it('a sandbox that is killed is counted once, and so is the image, which is still made', async () => {
  await sent(photo);
  const { lane } = testWorker;
  const decode: TestWorker['lane']['decode'] = (work, options) => {
    process.kill(lane.pid ?? 0, 'SIGKILL');
    return lane.decode(work, options);
  };
  expect(await recordedBy({ lane: { decode } })).toEqual(['SandboxDeaths', 'ImagesEnded ready']);
});

it('an invocation without the database is counted once, whatever the number of images', async () => {
  for (const _ of ['one', 'another']) await sent(photo);
  const { database } = testWorker.dependencies;
  expect(await recordedBy({ database: { ...database, run: away } })).toEqual([
    'BreakerOpen',
    'DatabaseUnavailable',
  ]);
});

it('an invocation without S3 is counted once, whatever the number of images', async () => {
  for (const _ of ['one', 'another']) await sent(photo);
  const findFirstUpload = () => Promise.reject(new TransientFailure('storage_unavailable', 'away'));
  const bucket = { ...testWorker.dependencies.bucket, findFirstUpload };
  expect(await recordedBy({ bucket })).toEqual(['StorageUnavailable']);
});

it('an invocation in which the letter cannot be noted counts the database as unavailable', async () => {
  await sent(undefined, { status: 'failed', attempt: 7, failures: 5 });
  const { database } = testWorker.dependencies;
  let calls = 0;
  const run: typeof database.run = (work, options) => {
    calls += 1;
    return calls === 2 ? away() : database.run(work, options);
  };
  expect(await recordedBy({ database: { ...database, run } })).toEqual([
    'MessagesDeadLettered failed',
    'DatabaseUnavailable',
  ]);
});
