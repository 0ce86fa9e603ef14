import { createHash, randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { incomingKey } from '../../../lambda/domain/image.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { readImage, sessions } from '../postgres/rows.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

let testWorker: TestWorker;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker();
  photo = await smallPhoto(1);
});
afterAll(() => testWorker.close());
afterEach(() => {
  testWorker.cloud.server.reset();
  testWorker.log.lines.length = 0;
});

const row = (id: string) => readImage(testWorker.db.admin, id);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
describe('a batch of every kind of message', () => {
  it('a batch finishes good images, rejects broken ones, and sends messages that are no jobs to the dead-letter queue', async () => {
    const good = await testWorker.upload(photo);
    const declared = await testWorker.upload(photo, { declared_sha256: sha256(photo) });
    const broken = await testWorker.upload(Buffer.from('<html>not a picture</html>'));
    const empty = await testWorker.upload(Buffer.alloc(0));
    const wrongSum = await testWorker.upload(photo, { declared_sha256: 'ab'.repeat(32) });
    const deleted = await testWorker.upload(photo, { deleted_at: new Date() });
    const done = await testWorker.upload(photo, { status: 'ready' });
    for (const id of [good, good, declared, broken, empty, wrongSum, deleted, done, randomUUID()])
      await testWorker.sendJob(id);
    await testWorker.send('{"v":1,"tenant":"alpha"}');

    const records = await testWorker.receive();
    expect(records).toHaveLength(10);
    testWorker.recorded.length = 0;
    const failed = await testWorker.deliver(records);

    expect(failed).toEqual([]);
    expect(testWorker.recorded.filter(({ name }) => name !== 'ImagesEnded')).toEqual([
      { name: 'MessagesDeadLettered', dimensions: { Reason: 'not_a_job' }, value: 1 },
    ]);
    const ends = testWorker.recorded.flatMap(({ dimensions: { Status = [] } }) => Status);
    expect(ends.sort()).toEqual(['ready', 'ready', 'rejected', 'rejected', 'rejected']);
    expect(testWorker.hidden()).toEqual([]);
    expect(await testWorker.deadLetters()).toEqual([
      {
        body: '{"v":1,"tenant":"alpha"}',
        attributes: { Reason: 'not_a_job', Attempts: '0', LastError: expect.stringContaining('no job') },
      },
    ]);
    expect(await row(good)).toMatchObject({
      status: 'ready',
      attempt: 1,
      variants: 2,
      width: 96,
      height: 64,
    });
    expect(await row(declared)).toMatchObject({ status: 'ready' });
    expect(await row(broken)).toMatchObject({ status: 'rejected', error_code: 'unsupported_type' });
    expect(await row(empty)).toMatchObject({ status: 'rejected', error_code: 'empty_file' });
    expect(await row(wrongSum)).toMatchObject({ status: 'rejected', error_code: 'checksum_mismatch' });
    expect(await row(deleted)).toMatchObject({ status: 'queued', attempt: 0, variants: 0 });
    expect(await row(done)).toMatchObject({ attempt: 0 });
  });

  it('each variant has a key of its bytes and the checksum that is recorded', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    const { rows } = await testWorker.db.admin.query('select * from variant where image_id = $1', [id]);
    expect(rows).toHaveLength(2);
    const { bucket } = testWorker.dependencies;
    for (const variant of rows) {
      const bytes = await bucket.getOriginal({ key: variant.key }, 1_000_000);
      expect(sha256(bytes)).toBe(variant.sha256);
      expect(bytes.length).toBe(Number(variant.bytes));
      const pattern = `^derived/alpha/${id}/small\\.[0-9a-f]{8}\\.${variant.sha256.slice(0, 12)}\\.(webp|jpg)$`;
      expect(variant.key).toMatch(new RegExp(pattern));
    }
  });

  it('a file that is larger than allowed is refused before it is read', async () => {
    const id = await testWorker.upload(Buffer.alloc(2_000));
    await testWorker.sendJob(id);
    const { settings, dependencies } = testWorker;
    const read: string[] = [];
    const failed = await testWorker.deliver(await testWorker.receive(), {
      settings: { ...settings, limits: { ...settings.limits, maxBytes: 1_999 } },
      bucket: {
        ...dependencies.bucket,
        getOriginal: async (original, maxBytes) => {
          read.push(original.key);
          return dependencies.bucket.getOriginal(original, maxBytes);
        },
      },
    });
    expect(failed).toEqual([]);
    expect(read).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'rejected', error_code: 'file_too_large' });
  });

  it('the worker holds no connection while it decodes, and leaves none open', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const { lane } = testWorker;
    await testWorker.deliver(await testWorker.receive(), {
      lane: {
        decode: async (work, options) => {
          await expect.poll(() => sessions(testWorker.db.admin)).toBe(0);
          return lane.decode(work, options);
        },
      },
    });
    expect(await row(id)).toMatchObject({ status: 'ready' });
    expect(await sessions(testWorker.db.admin)).toBe(0);
  });
});

it('a lease outlives the invocation by some seconds, so that no other worker begins while this one may still write', async () => {
  const id = await testWorker.upload(photo);
  await testWorker.sendJob(id);
  const leases: number[] = [];
  const { lane, db } = testWorker;
  const left = 40_000;
  await testWorker.deliver(await testWorker.receive(), {
    remaining: () => left,
    lane: {
      decode: async (work, options) => {
        // Both times were written by the claim.
        const { rows } = await db.admin.query(
          'select extract(epoch from lease_expires_at - updated_at)::float8 as lease from image where id = $1',
          [id],
        );
        leases.push(rows[0]?.lease);
        return lane.decode(work, options);
      },
    },
  });
  expect(leases).toHaveLength(1);
  expect(leases[0]).toBeGreaterThan(left / 1000 + 2);
  expect(leases[0]).toBeLessThan(left / 1000 + 30);
});

describe('an image that another worker holds', () => {
  it('the message of an image that another worker holds stays hidden until the lease has ended', async () => {
    const id = await testWorker.upload(photo, {
      status: 'processing',
      lease_expires_at: new Date(Date.now() + 100_000),
    });
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive())).toHaveLength(1);
    const [seconds = 0] = testWorker.hidden();
    expect(seconds).toBeGreaterThan(99);
    expect(seconds).toBeLessThan(115);
    expect(await row(id)).toMatchObject({ attempt: 0 });
  });

  it('a worker that lost its image meanwhile does not write it', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const { lane, db } = testWorker;
    const failed = await testWorker.deliver(await testWorker.receive(), {
      lane: {
        decode: async (work, options) => {
          await db.admin.query('update image set attempt = attempt + 1 where id = $1', [id]);
          return lane.decode(work, options);
        },
      },
    });
    expect(failed).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'processing', attempt: 2, variants: 0 });
  });
});

describe('an image that failed before', () => {
  it('an image that failed before is claimed alone, after the rest of its batch is recorded', async () => {
    const ids = [await testWorker.upload(photo, { failures: 1 }), await testWorker.upload(photo)];
    ids.push(await testWorker.upload(photo, { failures: 2 }), await testWorker.upload(photo));
    for (const id of ids) await testWorker.sendJob(id);
    const seen: string[][] = [];
    const { lane } = testWorker;
    await testWorker.deliver(await testWorker.receive(), {
      lane: {
        decode: async (work, options) => {
          const states: string[] = [];
          for (const id of ids) states.push((await row(id)).status);
          seen.push(states);
          return lane.decode(work, options);
        },
      },
    });
    expect(seen.slice(-2)).toEqual([
      ['processing', 'ready', 'queued', 'ready'],
      ['ready', 'ready', 'processing', 'ready'],
    ]);
    for (const id of ids) expect(await row(id)).toMatchObject({ status: 'ready' });
  });

  it('an image ends as failed at its last attempt, and its letter is sent in the same step', async () => {
    const { maxAttempts } = testWorker.settings.process;
    const id = await testWorker.upload(undefined, { failures: maxAttempts - 1 });
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    expect(await row(id)).toMatchObject({
      status: 'failed',
      error_code: 'internal',
      dead_lettered_attempt: 1,
    });
    const [letter, ...others] = await testWorker.deadLetters();
    expect(others).toEqual([]);
    expect(JSON.parse(letter?.body ?? '')).toEqual({ v: 1, tenant: 'alpha', imageId: id, failedAttempt: 1 });
    expect(letter?.attributes).toEqual({
      Reason: 'failed',
      Attempts: String(maxAttempts),
      LastError: expect.stringContaining('the original is not there'),
    });
  });
});

describe('an image that has failed', () => {
  const failed = (more = {}) =>
    testWorker.upload(photo, { status: 'failed', attempt: 7, failures: 5, ...more });

  it('a failed image has one message in the dead-letter queue, whatever messages about it are left', async () => {
    const id = await failed();
    for (const _ of ['once', 'twice']) {
      await testWorker.sendJob(id);
      expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    }
    expect(await testWorker.deadLetters()).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'failed', attempt: 7 });
  });

  it.each(['the database', 'the bucket'])(
    'a failed image starts over when its letter returns, even if %s is unavailable at the first receive',
    async (part) => {
      const id = await failed();
      await testWorker.sendJob(id);
      await testWorker.deliver(await testWorker.receive());
      const [letter] = await testWorker.deadLetters();
      await testWorker.send(letter?.body ?? '');
      const away = () => Promise.reject(new TransientFailure('storage_unavailable', 'away'));
      const { database, bucket } = testWorker.dependencies;
      const broken =
        part === 'the database'
          ? { database: { ...database, run: away } }
          : { bucket: { ...bucket, findFirstUpload: away } };
      const none = () => 0;
      expect(await testWorker.deliver(await testWorker.receive(), { ...broken, random: none })).toHaveLength(
        1,
      );
      expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
      expect(await row(id)).toMatchObject({ status: 'ready', failures: 0 });
    },
  );

  it('a letter is sent by the next message of its image if the dead-letter queue was unavailable', async () => {
    const id = await failed();
    await testWorker.sendJob(id);
    testWorker.recorded.length = 0;
    const sendLetters = async (letters: readonly unknown[]) =>
      letters.map(() => ({ sent: false as const, reason: 'away' }));
    const none = () => 0;
    expect(
      await testWorker.deliver(await testWorker.receive(), { deadLetters: { sendLetters }, random: none }),
    ).toHaveLength(1);
    expect(testWorker.recorded).toEqual([]);
    expect(await testWorker.deadLetters()).toEqual([]);
    expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    expect(await testWorker.deadLetters()).toHaveLength(1);
  });
});

describe('the log', () => {
  it('each line of the log names its image, and none contains object keys or addresses', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    await testWorker.deliver(await testWorker.receive());
    const processed = testWorker.log.lines.find(({ message }) => message === 'Processed');
    expect(processed?.fields).toMatchObject({ imageId: id, tenant: 'alpha', attempt: 1, variants: 2 });
    expect(JSON.stringify(testWorker.log.lines)).not.toContain(incomingKey({ tenant: 'alpha', imageId: id }));
  });
});
