import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { patience } from '../../support/pace.ts';
import { readImage } from '../postgres/rows.ts';
import { decodedPhoto } from './decoded-photo.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

let testWorker: TestWorker;
let photo: Buffer;
let decoded: RenderedImage;
beforeAll(async () => {
  testWorker = await openTestWorker();
  ({ photo, decoded } = await decodedPhoto(testWorker));
});
afterAll(() => testWorker.close());
afterEach(() => {
  testWorker.cloud.server.reset();
  testWorker.log.lines.length = 0;
});

const row = (id: string) => readImage(testWorker.db.admin, id);
/** A port without a server. */
const nowhere = 1;
const deadDatabase = () => {
  const options = testWorker.db.options('sluice_process');
  return openOnDemand({ ...options, environment: { ...options.environment, DATABASE_PORT: nowhere } });
};

describe('an outage', () => {
  const almostOne = () => 0.999;

  it('a missing original counts, and is tried again later', async () => {
    const id = await testWorker.upload(undefined);
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive(), { random: almostOne })).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'queued', failures: 1, lease_expires_at: null });
    expect(testWorker.hidden()[0]).toBeGreaterThan(3);
  });

  it('without the database at the claim, the invocation waits, every message returns soon, and nothing is counted', async () => {
    const ids = [await testWorker.upload(photo), await testWorker.upload(photo)];
    for (const id of ids) await testWorker.sendJob(id);
    const dead = deadDatabase();
    let calls = 0;
    const failed = await testWorker.deliver(await testWorker.receive(), {
      database: {
        ...dead,
        run: (work, options) => {
          calls += 1;
          return dead.run(work, options);
        },
      },
      random: almostOne,
    });
    expect(failed).toHaveLength(2);
    for (const seconds of testWorker.hidden()) {
      expect(seconds).toBeGreaterThan(3);
      expect(seconds).toBeLessThanOrEqual(5);
    }
    // 56 s with a probe every four.
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThan(20);
    for (const id of ids) expect(await row(id)).toMatchObject({ status: 'queued', attempt: 0, failures: 0 });
  });

  it('without the database at the commit, it is retried until the time is over, and the next worker finishes', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const { database } = testWorker.dependencies;
    const dead = deadDatabase();
    let calls = 0;
    const end = Date.now() + patience(4_000);
    const failed = await testWorker.deliver(await testWorker.receive(), {
      // The duration of a decode does not matter here.
      lane: { decode: async () => decoded },
      database: {
        run: (work, options) => {
          calls += 1;
          return (calls === 1 ? database : dead).run(work, options);
        },
        close: () => database.close(),
      },
      remaining: () => end - Date.now(),
    });
    expect(failed).toHaveLength(1);
    expect(calls).toBeGreaterThan(2);
    expect(Date.now()).toBeLessThan(end);
    expect(await row(id)).toMatchObject({ status: 'processing', attempt: 1, variants: 0 });

    await testWorker.db.admin.query("update image set lease_expires_at = now() - interval '1s'");
    await testWorker.sendJob(id);
    expect(await testWorker.deliver(await testWorker.receive())).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'ready', attempt: 2, variants: 2 });
  });

  it('a short outage of the database at the commit does not lose the work', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const { database } = testWorker.dependencies;
    let calls = 0;
    const failed = await testWorker.deliver(await testWorker.receive(), {
      database: {
        run: (work, options) => {
          calls += 1;
          return (calls === 2 ? deadDatabase() : database).run(work, options);
        },
        close: () => database.close(),
      },
    });
    expect(failed).toEqual([]);
    expect(calls).toBe(3);
    expect(await row(id)).toMatchObject({ status: 'ready', attempt: 1 });
  });

  it('without S3, the images return to the queue and nothing is counted', async () => {
    const id = await testWorker.upload(photo, { failures: 1 });
    await testWorker.sendJob(id);
    const environment = process.env.AWS_ENDPOINT_URL_S3;
    process.env.AWS_ENDPOINT_URL_S3 = `http://127.0.0.1:${nowhere}`;
    const bucket = openBucket({ bucketName: 'pictures', client: storageClient() });
    const failed = await testWorker.deliver(await testWorker.receive(), { bucket, random: almostOne });
    process.env.AWS_ENDPOINT_URL_S3 = environment;
    expect(failed).toHaveLength(1);
    expect(testWorker.hidden()[0]).toBeGreaterThan(3);
    expect(await row(id)).toMatchObject({ status: 'queued', failures: 1, lease_expires_at: null });
  });

  it('without the queue, the batch response is complete all the same', async () => {
    const ids = [await testWorker.upload(photo), await testWorker.upload(undefined)];
    for (const id of ids) await testWorker.sendJob(id);
    const failed = await testWorker.deliver(await testWorker.receive(), {
      queue: { changeVisibility: () => Promise.reject(new Error('away')) },
    });
    expect(failed).toHaveLength(1);
    expect(await row(ids[0] ?? '')).toMatchObject({ status: 'ready' });
  });
});

describe('when time runs short', () => {
  it('no job is started when time runs short, and those not started are reported and not counted', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) ids.push(await testWorker.upload(photo));
    for (const id of ids) await testWorker.sendJob(id);
    const { lane, settings } = testWorker;
    let decodes = 0;
    let left = 60_000;
    const failed = await testWorker.deliver(await testWorker.receive(), {
      settings: { ...settings, process: { ...settings.process, jobsInFlight: 1 } },
      lane: {
        decode: async (work, options) => {
          decodes += 1;
          const decoded = await lane.decode(work, options);
          if (decodes === 2) left = 8_000;
          return decoded;
        },
      },
      remaining: () => left,
    });
    expect(decodes).toBe(2);
    expect(failed).toHaveLength(2);
    const states = [];
    for (const id of ids) states.push(await row(id));
    expect(states.map(({ status, failures }) => [status, failures])).toEqual([
      ['ready', 0],
      ['ready', 0],
      ['queued', 0],
      ['queued', 0],
    ]);
    for (const seconds of testWorker.hidden()) expect(seconds).toBeLessThanOrEqual(5);
  });

  it('a decode that is cut off is not blamed on the image', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const { lane } = testWorker;
    const failed = await testWorker.deliver(await testWorker.receive(), {
      lane: { decode: (work) => lane.decode(work, { timeoutMs: 0 }) },
    });
    expect(failed).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'queued', failures: 0 });
  });
});

describe('a fault of Sluice', () => {
  const photoOf = async (more: Record<string, unknown> = {}) => {
    const id = await testWorker.upload(photo, more);
    await testWorker.sendJob(id);
    return id;
  };

  it('a result that the database refuses keeps no other image of its batch from being recorded', async () => {
    const [good, bad] = [await photoOf(), await photoOf()];
    const { lane, dependencies } = testWorker;
    let spoilt: unknown;
    const failed = await testWorker.deliver(await testWorker.receive(), {
      bucket: {
        ...dependencies.bucket,
        getOriginal: async (original, maxBytes) => {
          const bytes = await dependencies.bucket.getOriginal(original, maxBytes);
          if (original.key.endsWith(bad)) spoilt = bytes;
          return bytes;
        },
      },
      lane: {
        decode: async (work, options) => {
          const decoded = await lane.decode(work, options);
          // The database refuses a variant without a width.
          const width = null as unknown as number;
          if (work.bytes !== spoilt) return decoded;
          return { ...decoded, variants: decoded.variants.map((variant) => ({ ...variant, width })) };
        },
      },
    });
    expect(failed).toHaveLength(1);
    expect(await row(good)).toMatchObject({ status: 'ready', variants: 2 });
    expect(await row(bad)).toMatchObject({ status: 'processing', variants: 0 });
  });

  it('an unexpected error counts and is logged', async () => {
    const id = await photoOf();
    const decode = () => Promise.reject(new RangeError('unexpected'));
    expect(await testWorker.deliver(await testWorker.receive(), { lane: { decode } })).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'queued', failures: 1 });
    expect(testWorker.log.lines).toContainEqual(expect.objectContaining({ level: 'error' }));
  });
});

describe('a missing preset', () => {
  it('an image with a missing preset waits once and then fails', async () => {
    const id = await testWorker.upload(photo, { presets: ['huge'] });
    await testWorker.sendJob(id);
    const [record] = await testWorker.receive();
    if (record === undefined) throw new TypeError('nothing was received');
    expect(await testWorker.deliver([record], { random: () => 0 })).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'queued', failures: 1 });
    // A deploy may be about to bring it.
    expect(testWorker.hidden()[0]).toBeGreaterThan(250);
    expect(await testWorker.deliver([record])).toEqual([]);
    expect(await row(id)).toMatchObject({ status: 'failed', failures: 2 });
    const [letter] = await testWorker.deadLetters();
    expect(letter?.attributes).toMatchObject({
      Reason: 'preset_gone',
      LastError: expect.stringContaining('has no preset huge'),
    });
  });
});
