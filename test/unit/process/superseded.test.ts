import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { incomingKey } from '../../../lambda/domain/image.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { sdkStorage } from '../aws/sdk-storage.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

let testWorker: TestWorker;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker();
  photo = await smallPhoto(1);
});
afterAll(() => testWorker.close());
afterEach(async () => {
  testWorker.cloud.server.reset();
  testWorker.recorded.length = 0;
  await testWorker.db.admin.query('truncate image cascade');
  test += 1;
});

const row = async (id: string) =>
  (
    await testWorker.db.admin.query(
      `select status, superseded_by as by, (select count(*)::int from variant where image_id = id) as variants
       from image where id = $1`,
      [id],
    )
  ).rows[0];
// The bucket keeps the originals of earlier tests.
let test = 0;
const named = (number: number, status: string, bytes: Buffer | undefined) =>
  testWorker.upload(bytes, {
    id: `0000000${number}-0000-4000-8000-00000000000${test}`,
    status,
    replaces: 'avatar/42',
  });
const ends = () =>
  testWorker.recorded
    .filter(({ name }) => name === 'ImagesEnded')
    .flatMap(({ dimensions, value }) => `${dimensions.Status} ${value}`);
const decoding = () => {
  const { lane } = testWorker;
  let decoded = 0;
  const decode: typeof lane.decode = (...args) => {
    decoded += 1;
    return lane.decode(...args);
  };
  return { lane: { decode }, decoded: () => decoded };
};

describe('images of one name', () => {
  it('an older one is not decoded when the newer file is in the bucket, though its message has not come', async () => {
    const older = await named(1, 'queued', photo);
    const newer = await named(2, 'awaiting_upload', photo);
    await named(3, 'awaiting_upload', undefined);
    await testWorker.sendJob(older);
    const { lane, decoded } = decoding();
    expect(await testWorker.deliver(await testWorker.receive(), { lane })).toEqual([]);
    expect(decoded()).toBe(0);
    expect(ends()).toEqual(['superseded 1']);
    expect(await row(older)).toEqual({ status: 'superseded', by: newer, variants: 0 });
    expect(testWorker.hidden()).toEqual([]);

    await testWorker.sendJob(newer);
    expect(await testWorker.deliver(await testWorker.receive(), { lane })).toEqual([]);
    expect(await row(newer)).toEqual({ status: 'ready', by: null, variants: 2 });
  });

  it('an older one is processed while newer tickets are unused', async () => {
    const older = await named(1, 'queued', photo);
    await named(2, 'awaiting_upload', undefined);
    await testWorker.sendJob(older);
    expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    expect(await row(older)).toMatchObject({ status: 'ready' });
  });

  it('of one batch only the newest is decoded, and each end is counted once', async () => {
    const ids = [
      await named(1, 'queued', photo),
      await named(2, 'awaiting_upload', photo),
      await named(3, 'queued', photo),
    ];
    await named(0, 'queued', photo);
    for (const id of ids) await testWorker.sendJob(id);
    const { lane, decoded } = decoding();
    expect(await testWorker.deliver(await testWorker.receive(), { lane })).toEqual([]);
    expect(decoded()).toBe(1);
    expect(ends().sort()).toEqual(['ready 1', 'superseded 1', 'superseded 1', 'superseded 1']);
    expect((await Promise.all(ids.map(row))).map(({ status }) => status)).toEqual([
      'superseded',
      'superseded',
      'ready',
    ]);
  });

  it('an older one stays ended when the newer one is rejected', async () => {
    const [older, newer] = [
      await named(1, 'queued', photo),
      await named(2, 'queued', Buffer.from('no image')),
    ];
    for (const id of [newer, older]) {
      await testWorker.sendJob(id);
      expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    }
    expect(await row(newer)).toMatchObject({ status: 'rejected' });
    expect(await row(older)).toMatchObject({ status: 'superseded', by: newer });
  });

  it('an older one returns uncounted when the bucket cannot be asked for the newer file', async () => {
    const older = await named(1, 'queued', photo);
    const newer = await named(2, 'awaiting_upload', photo);
    await testWorker.sendJob(older);
    const { bucket } = testWorker.dependencies;
    const findFirstUpload: typeof bucket.findFirstUpload = async (key, signal) => {
      if (key === incomingKey({ tenant: 'alpha', imageId: newer }))
        throw new TransientFailure('storage_unavailable', 'no answer');
      return bucket.findFirstUpload(key, signal);
    };
    const failed = await testWorker.deliver(await testWorker.receive(), {
      bucket: { ...bucket, findFirstUpload },
    });
    expect(failed).toHaveLength(1);
    expect(await row(older)).toMatchObject({ status: 'queued' });
  });

  it('a file that arrives for a superseded image starts nothing', async () => {
    const [older, newer] = [await named(1, 'superseded', undefined), await named(2, 'ready', undefined)];
    await testWorker.db.admin.query('update image set superseded_by = $2 where id = $1', [older, newer]);
    const s3 = sdkStorage();
    const Key = incomingKey({ tenant: 'alpha', imageId: older });
    await s3.send(new PutObjectCommand({ Bucket: testWorker.cloud.bucketName, Key, Body: photo }));
    s3.destroy();
    await testWorker.sendJob(older, { version: 'v1' });
    expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    expect(await row(older)).toEqual({ status: 'superseded', by: newer, variants: 0 });
    expect(ends()).toEqual([]);
  });
});
