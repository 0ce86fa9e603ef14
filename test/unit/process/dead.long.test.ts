import type { SQSRecord } from 'aws-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import { receiveCount } from '../../../lambda/process/records.ts';
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

/** Numbers of messages; each kind is a third of the dead ones. */
const counts = { foreign: 334, failed: 333, presetGone: 333, healthy: 100 };

it('1,000 dead messages among healthy ones take at most two invocations each and end in the dead-letter queue', async () => {
  const healthy: string[] = [];
  const send: (() => Promise<void>)[] = [];
  for (let count = 0; count < counts.foreign; count += 1) send.push(() => testWorker.send(`no job ${count}`));
  for (let count = 0; count < counts.failed; count += 1) {
    const id = await testWorker.upload(undefined, { status: 'failed', failures: 5, attempt: 6 });
    send.push(() => testWorker.sendJob(id));
  }
  for (let count = 0; count < counts.presetGone; count += 1) {
    const id = await testWorker.upload(undefined, { presets: ['huge'] });
    send.push(() => testWorker.sendJob(id));
  }
  for (let count = 0; count < counts.healthy; count += 1) {
    const id = await testWorker.upload(photo);
    healthy.push(id);
    send.push(() => testWorker.sendJob(id));
  }
  // Every eleventh is healthy.
  const mixed = send.map((one, at) => ({ one, at: (at * 7_919) % send.length })).sort((a, b) => a.at - b.at);
  for (const { one } of mixed) await one();

  const receives = new Map<string, number>();
  let invocations = 0;
  for (let round = 0; round < 5; round += 1) {
    const records = await testWorker.receive();
    if (records.length === 0) break;
    const staying: SQSRecord[] = [];
    for (let from = 0; from < records.length; from += 10) {
      const batch = records.slice(from, from + 10);
      for (const record of batch) receives.set(record.messageId, receiveCount(record));
      invocations += 1;
      const failed = await testWorker.deliver(batch, { lane: { decode: async () => decoded } });
      staying.push(...batch.filter(({ messageId }) => failed.includes(messageId)));
    }
    for (const { receiptHandle } of staying)
      await testWorker.dependencies.queue.changeVisibility(receiptHandle, 0);
  }

  const dead = counts.foreign + counts.failed + counts.presetGone;
  expect(receives.size).toBe(dead + counts.healthy);
  expect(Math.max(...receives.values())).toBeLessThanOrEqual(2);
  // 110 batches, and 34 more for the messages that waited once for a missing preset.
  expect(invocations).toBeLessThanOrEqual(
    Math.ceil(receives.size / 10) + Math.ceil(counts.presetGone / 10) + 1,
  );
  const { rows } = await testWorker.db.admin.query(
    'select status, count(*)::int as count from image group by status order by status',
  );
  expect(rows).toEqual([
    { status: 'failed', count: counts.failed + counts.presetGone },
    { status: 'ready', count: counts.healthy },
  ]);
  const letters = await testWorker.deadLetters();
  const reasons = Object.groupBy(letters, ({ attributes }) => attributes.Reason ?? '');
  expect(Object.fromEntries(Object.entries(reasons).map(([reason, all]) => [reason, all?.length]))).toEqual({
    not_a_job: counts.foreign,
    failed: counts.failed,
    preset_gone: counts.presetGone,
  });
  expect(await testWorker.receive()).toEqual([]);
});
