import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Rejection, TransientFailure } from '../../../lambda/domain/failure.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { off, on } from './brown-out-states.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

let testWorker: TestWorker;
let photo: Buffer;
beforeAll(async () => {
  testWorker = await openTestWorker(undefined, {
    small: { width: 32 },
    dear: { width: 64, formats: ['webp'] },
  });
  photo = await smallPhoto(1);
});
afterAll(() => testWorker.close());
afterEach(async () => {
  testWorker.cloud.server.reset();
  testWorker.recorded.length = 0;
  testWorker.log.lines.length = 0;
  await testWorker.db.admin.query('truncate image cascade');
});

const webp = { preset: 'small', format: 'webp' };

interface Row {
  status: string;
  pending: unknown;
  attempt: number;
  completions: number;
  last_error: string | null;
  leased: boolean;
  updated: string;
  formats: string[];
  replaced: string[];
}
const row = async (id: string): Promise<Row> =>
  (
    await testWorker.db.admin.query(
      `select status, pending, attempt, completions, last_error, lease_expires_at is not null as leased,
         updated_at::text as updated,
         array(select format from variant where image_id = id order by format) as formats,
         array(select key from replaced_object where image_id = id) as replaced
       from image where id = $1`,
      [id],
    )
  ).rows[0];
const keyOf = async (id: string, format: string): Promise<string> =>
  (
    await testWorker.db.admin.query('select key from variant where image_id = $1 and format = $2', [
      id,
      format,
    ])
  ).rows[0]?.key;
const counted = () =>
  testWorker.recorded
    .filter(({ name }) => name.startsWith('Variants') || name === 'ImagesEnded' || name === 'BrownOut')
    .map(({ name, dimensions, value }) => `${name} ${Object.values(dimensions).join()} ${value}`);
async function deliver(id: string, more: object, complete?: true): Promise<string[]> {
  await testWorker.sendJob(id, { complete });
  return testWorker.deliver(await testWorker.receive(), more);
}
/** An image that is ready with its cheapest variants. */
async function browned(presets = ['small']): Promise<string> {
  const id = await testWorker.upload(photo, { presets });
  expect(await deliver(id, { brownOut: on })).toEqual([]);
  testWorker.recorded.length = 0;
  return id;
}

describe('a brown-out', () => {
  it('makes an image ready with the cheapest format of each preset, and says which follow', async () => {
    const id = await testWorker.upload(photo);
    expect(await deliver(id, { brownOut: on })).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'ready', formats: ['jpeg'], pending: [webp] });
    expect(counted()).toEqual(['ImagesEnded ready 1', 'VariantsDeferred  1']);
  });

  it('begins when the oldest queued image has waited too long, in the same statement as the claim', async () => {
    const old = await testWorker.upload(photo, { enqueued_at: new Date(Date.now() - 500_000) });
    const id = await testWorker.upload(photo);
    expect(await deliver(id, {})).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'ready', pending: [webp] });
    expect(await row(old)).toMatchObject({ status: 'queued' });
    expect(counted()).toContain('BrownOut entered 1');
  });

  it('begins when a message has waited too long in the queue, by its clock', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const records = (await testWorker.receive()).map((record) => ({
      ...record,
      attributes: { ...record.attributes, SentTimestamp: '1000', ApproximateFirstReceiveTimestamp: '451000' },
    }));
    expect(await testWorker.deliver(records)).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'ready', pending: [webp] });
  });

  it('does not begin by a message that returned', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const records = (await testWorker.receive()).map((record) => ({
      ...record,
      attributes: {
        ...record.attributes,
        SentTimestamp: '1000',
        ApproximateFirstReceiveTimestamp: '451000',
        ApproximateReceiveCount: '2',
      },
    }));
    expect(await testWorker.deliver(records)).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'ready', pending: null });
  });

  it('does not begin by a message to complete an image, which waits behind all others', async () => {
    const id = await browned();
    await testWorker.sendJob(id, { complete: true });
    const records = (await testWorker.receive()).map((record) => ({
      ...record,
      attributes: { ...record.attributes, SentTimestamp: '1000', ApproximateFirstReceiveTimestamp: '451000' },
    }));
    expect(await testWorker.deliver(records)).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'ready', pending: null });
  });
});

const readyEventsOf = async (id: string): Promise<number> =>
  (
    await testWorker.db.admin.query("select from image_event where image_id = $1 and type = 'image.ready'", [
      id,
    ])
  ).rowCount ?? 0;

describe('what a brown-out left for later', () => {
  it('is made once, without another event, and the image is ready all the time', async () => {
    const id = await browned();
    const jpeg = await keyOf(id, 'jpeg');
    const { lane } = testWorker;
    const during: Row[] = [];
    const decode: typeof lane.decode = async (...args) => {
      during.push(await row(id));
      return lane.decode(...args);
    };
    expect(await deliver(id, { brownOut: off, lane: { decode } }, true)).toEqual([]);
    expect(during).toMatchObject([{ status: 'ready', pending: [webp], leased: true }]);
    expect(await row(id)).toMatchObject({
      status: 'ready',
      pending: null,
      leased: false,
      formats: ['jpeg', 'webp'],
      replaced: [],
    });
    expect(await keyOf(id, 'jpeg')).toBe(jpeg);
    expect(await readyEventsOf(id)).toBe(1);
    expect(counted()).toEqual(['VariantsCompleted  1']);

    testWorker.recorded.length = 0;
    expect(await deliver(id, { brownOut: off, lane: { decode } }, true)).toEqual([]);
    expect(during).toHaveLength(1);
    expect(await readyEventsOf(id)).toBe(1);
    expect(counted()).toEqual([]);
  });

  it('is the same as without a brown-out', async () => {
    const [id, whole] = [await browned(), await testWorker.upload(photo)];
    await deliver(id, { brownOut: off }, true);
    await deliver(whole, { brownOut: off });
    const bytesOf = async (of: string) => (await keyOf(of, 'webp')).split('/').at(-1);
    expect(await bytesOf(id)).toBe(await bytesOf(whole));
  });

  it('is made anew with more effort where a preset has one dear format, and the old object stays for its URLs', async () => {
    const { bucket } = testWorker.dependencies;
    const id = await browned(['dear']);
    expect(await row(id)).toMatchObject({
      status: 'ready',
      formats: ['webp'],
      pending: [{ preset: 'dear', format: 'webp' }],
    });
    const fast = await keyOf(id, 'webp');
    await deliver(id, { brownOut: off }, true);
    expect(await row(id)).toMatchObject({ pending: null, formats: ['webp'], replaced: [fast] });
    const best = await keyOf(id, 'webp');
    expect(best).not.toBe(fast);
    for (const key of [fast, best])
      expect(await bucket.getOriginal({ key }, 1_000_000)).toBeInstanceOf(Buffer);
    const whole = await testWorker.upload(photo, { presets: ['dear'] });
    await deliver(whole, { brownOut: off });
    expect((await keyOf(whole, 'webp')).split('/').at(-1)).toBe(best.split('/').at(-1));
  });

  it('is left alone during a brown-out, at no cost but a message', async () => {
    const id = await browned();
    const { updated } = await row(id);
    const decode = () => expect.unreachable();
    expect(await deliver(id, { brownOut: on, lane: { decode } }, true)).toEqual([]);
    expect(await row(id)).toMatchObject({ pending: [webp], leased: false, completions: 0, updated });
  });

  it('is given up by an image that breaks the decoder now, which stays ready', async () => {
    const id = await browned();
    const decode = async () => {
      throw new Rejection('decoder_crashed', 'The decoder broke on this image.');
    };
    expect(await deliver(id, { brownOut: off, lane: { decode } }, true)).toEqual([]);
    expect(await row(id)).toMatchObject({
      status: 'ready',
      pending: null,
      formats: ['jpeg'],
      last_error: 'given up: decoder_crashed',
    });
  });

  it('is given up after as many failures as an image may have', async () => {
    const id = await browned();
    let tries = 0;
    const decode = async () => {
      tries += 1;
      throw new Error('why');
    };
    const { maxAttempts } = testWorker.settings.process;
    for (let turn = 0; turn < maxAttempts + 2; turn += 1)
      expect(await deliver(id, { brownOut: off, lane: { decode } }, true)).toEqual([]);
    expect(tries).toBe(maxAttempts);
    expect(await row(id)).toMatchObject({ status: 'ready', pending: null, formats: ['jpeg'] });
  });

  it('is not given up for an outage, and its message does not return', async () => {
    const id = await browned();
    const { bucket } = testWorker.dependencies;
    const getOriginal = async () => {
      throw new TransientFailure('storage_unavailable', 'no answer');
    };
    for (let turn = 0; turn < testWorker.settings.process.maxAttempts + 2; turn += 1)
      expect(await deliver(id, { brownOut: off, bucket: { ...bucket, getOriginal } }, true)).toEqual([]);
    expect(await row(id)).toMatchObject({ pending: [webp], leased: false, completions: 0 });
    await deliver(id, { brownOut: off }, true);
    expect(await row(id)).toMatchObject({ pending: null, formats: ['jpeg', 'webp'] });
  });

  it('is made by one of two workers, and a dead one’s lease is taken over and fences it off', async () => {
    const id = await browned();
    const { lane } = testWorker;
    const second: string[][] = [];
    const decode: typeof lane.decode = async (...args) => {
      second.push(await deliver(id, { brownOut: off, lane: { decode: () => expect.unreachable() } }, true));
      await testWorker.emptyQueue();
      await testWorker.db.admin.query(
        "update image set lease_expires_at = now() - interval '1 second' where id = $1",
        [id],
      );
      await deliver(id, { brownOut: off }, true);
      return lane.decode(...args);
    };
    expect(await deliver(id, { brownOut: off, lane: { decode } }, true)).toHaveLength(1);
    expect(second).toEqual([[expect.any(String)]]);
    expect(await row(id)).toMatchObject({ pending: null, formats: ['jpeg', 'webp'] });
    expect(counted()).toEqual(['VariantsCompleted  1']);
  });

  it('is not recorded for an image that was deleted meanwhile', async () => {
    const id = await browned();
    const { lane } = testWorker;
    const decode: typeof lane.decode = async (...args) => {
      await testWorker.db.admin.query(
        'update image set deleted_at = now(), attempt = attempt + 1 where id = $1',
        [id],
      );
      return lane.decode(...args);
    };
    await deliver(id, { brownOut: off, lane: { decode } }, true);
    expect(await row(id)).toMatchObject({ formats: ['jpeg'] });
    await testWorker.emptyQueue();
  });

  it('a message to complete an image beside an ordinary one completes nothing, and there is no second event', async () => {
    const id = await browned();
    await testWorker.sendJob(id, { complete: true });
    expect(await deliver(id, { brownOut: off })).toEqual([]);
    expect(await readyEventsOf(id)).toBe(1);
    expect(await row(id)).toMatchObject({ pending: [webp] });
  });
});
