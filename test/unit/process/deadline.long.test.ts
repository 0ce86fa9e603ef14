import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { patience } from '../../support/pace.ts';
import { smallPhoto } from '../../support/pictures.ts';
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
afterEach(() => testWorker.cloud.server.reset());

const row = (id: string) => readImage(testWorker.db.admin, id);

describe('an image that hangs', () => {
  /**
   * An invocation whose clock stops until one image hangs and any other is done. Then the time for work is over, and the
   * last statement may take as long as this machine needs.
   */
  async function deliverUntilCutOff(good?: Buffer): Promise<string[]> {
    const records = await testWorker.receive();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    let left = 60_000;
    const hangs = Promise.withResolvers<void>();
    const made = Promise.withResolvers<void>();
    const { settings, log } = testWorker;
    const delivered = testWorker.deliver(records, {
      settings: { ...settings, limits: { ...settings.limits, decodeTimeoutMs: 100 } },
      log: { ...log, info: (message) => message === 'Processed' && made.resolve() },
      lane: {
        decode: async ({ bytes }) => {
          if (good !== undefined && bytes.length === good.length) return decoded;
          hangs.resolve();
          return new Promise<never>(() => undefined);
        },
      },
      remaining: () => left,
    });
    await hangs.promise;
    if (good !== undefined) await made.promise;
    left = 4_000;
    vi.advanceTimersByTime(56_000);
    vi.useRealTimers();
    return delivered;
  }

  it('an image that hangs beside others ends with the time for work, suspected and not counted', async () => {
    const [hangs, good] = [await testWorker.upload(await smallPhoto(2)), await testWorker.upload(photo)];
    for (const id of [hangs, good]) await testWorker.sendJob(id);
    expect(await deliverUntilCutOff(photo)).toHaveLength(1);
    expect(await row(good)).toMatchObject({ status: 'ready' });
    expect(await row(hangs)).toMatchObject({ status: 'queued', failures: 0, lease_stage: 'beside' });
  });

  it('an image that hangs alone, with the time of a whole decode, is counted', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    expect(await deliverUntilCutOff()).toHaveLength(1);
    expect(await row(id)).toMatchObject({ status: 'queued', failures: 1, lease_stage: 'beside' });
  });
});

describe('the deadline of an invocation', () => {
  const slowBucket = (part: 'findFirstUpload' | 'getOriginal' | 'putVariant') => ({
    ...testWorker.dependencies.bucket,
    [part]: (...given: unknown[]) =>
      new Promise<never>((_, reject) => {
        const signal = given.at(-1) as AbortSignal;
        signal.addEventListener('abort', () => reject(new TransientFailure('out_of_time', part)));
      }),
  });

  it.each(['findFirstUpload', 'getOriginal', 'putVariant'] as const)(
    'the deadline ends %s without a response, counts nothing, and leaves time to record that',
    async (part) => {
      const id = await testWorker.upload(photo);
      await testWorker.sendJob(id);
      const end = Date.now() + patience(2_000);
      const failed = await testWorker.deliver(await testWorker.receive(), {
        lane: { decode: async () => decoded },
        bucket: slowBucket(part),
        remaining: () => end - Date.now(),
      });
      expect(Date.now()).toBeLessThan(end);
      expect(failed).toHaveLength(1);
      expect(await row(id)).toMatchObject({ status: 'queued', failures: 0, lease_stage: null });
    },
  );

  it('the deadline ends the wait for queues that never respond', async () => {
    const [again, dead] = [
      await testWorker.upload(undefined),
      await testWorker.upload(photo, { status: 'failed' }),
    ];
    for (const id of [again, dead]) await testWorker.sendJob(id);
    const end = Date.now() + patience(2_000);
    const never = () => new Promise<never>(() => undefined);
    const failed = await testWorker.deliver(await testWorker.receive(), {
      queue: { changeVisibility: never },
      deadLetters: { sendLetters: never },
      remaining: () => end - Date.now(),
    });
    expect(Date.now()).toBeLessThan(end);
    expect(failed).toHaveLength(2);
  });

  it('the deadline ends the wait for a database that never responds', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    const silence = createServer().listen(0, '127.0.0.1');
    await once(silence, 'listening');
    const options = testWorker.db.options('sluice_process');
    const DATABASE_PORT = (silence.address() as AddressInfo).port;
    const end = Date.now() + patience(2_000);
    const failed = await testWorker.deliver(await testWorker.receive(), {
      database: openOnDemand({ ...options, environment: { ...options.environment, DATABASE_PORT } }),
      remaining: () => end - Date.now(),
    });
    silence.close();
    expect(Date.now()).toBeLessThan(end);
    expect(failed).toHaveLength(1);
  });

  it('a lease outlives the deadline by its slack', async () => {
    const id = await testWorker.upload(photo);
    await testWorker.sendJob(id);
    let lease = 0;
    const lane = {
      decode: async () => {
        lease = (await row(id)).lease;
        return decoded;
      },
    };
    await testWorker.deliver(await testWorker.receive(), { lane, remaining: () => 40_000 });
    expect(lease).toBeGreaterThan(40);
  });
});
