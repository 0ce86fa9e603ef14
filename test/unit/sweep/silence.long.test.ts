import { expect, it } from 'vitest';
import { derivedPrefix } from '../../../lambda/domain/image.ts';
import { patience } from '../../support/pace.ts';
import { ago, useTestSweep } from './test-sweep.ts';

/* Services without a response: each test waits for the limits of the sweep's calls. */

const { testSweep, sweep, image, put, row, enqueued } = useTestSweep();
const overdue = { ticket_expires_at: ago('10 minutes') };

/** Long enough for what is answered, short enough to wait for what is not. */
const hasty = () => ({ batchMs: patience(1_500), recordMs: patience(5_000), answerMs: 1_000 });

it('without responses from S3, finished work is recorded, each duty ends by itself, and the others are done', async () => {
  const gone = { deleted_at: ago('1 hour'), ticket_expires_at: ago('1 hour') };
  const [stuck, free] = [await image('ready', gone), await image('ready', gone)];
  const lost = await image('queued', { enqueued_at: ago('3 hours') });
  for (const id of [stuck, free])
    await put(`${derivedPrefix({ tenant: 'alpha', imageId: id })}small.x.y.webp`);
  const bucket = await testSweep.bucketBehind((_, { url }) => (url?.includes(stuck) ? 'silence' : undefined));
  await expect(sweep({ bucket }, patience(300_000), hasty())).rejects.toThrow('1 duties failed');
  expect(await row(free)).toBeUndefined();
  expect(await row(stuck)).toBeDefined();
  expect(enqueued()).toEqual([lost]);
});

it('without responses from SQS, the other duties are done', async () => {
  await image('queued', { enqueued_at: ago('3 hours') });
  const unused = await image('awaiting_upload', overdue);
  const queue = await testSweep.queueBehind(() => 'silence');
  await expect(sweep({ queue }, patience(300_000), hasty())).rejects.toThrow('2 duties failed');
  expect(await row(unused)).toMatchObject({ status: 'expired' });
});

it('when SQS stops responding, accepted messages are recorded and not sent again', async () => {
  const ids = [];
  for (let n = 0; n < 15; n += 1) ids.push(await image('queued', { enqueued_at: ago('3 hours') }));
  let batches = 0;
  const queue = await testSweep.queueBehind((_, { headers }) => {
    if (String(headers['x-amz-target']).endsWith('SendMessageBatch')) batches += 1;
    return batches > 1 ? 'silence' : undefined;
  });
  await expect(sweep({ queue }, patience(300_000), hasty())).rejects.toThrow('1 duties failed');
  const sent = enqueued();
  expect(sent).toHaveLength(10);
  const { rows } = await testSweep.db.admin.query(
    "select id from image where enqueued_at > now() - interval '1 hour'",
  );
  expect(rows.map(({ id }) => id).sort()).toEqual(sent.sort());
});
