import { PutObjectCommand } from '@aws-sdk/client-s3';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { incomingKey } from '../../lambda/domain/image.ts';
import { jobBody } from '../../lambda/domain/job.ts';
import { smallPhoto } from '../support/pictures.ts';
import { until } from '../support/pipeline.ts';
import { behaviour } from './support/behaviour.ts';
import { calm, holds, send, takeDeadLetters } from './support/queues.ts';
import type { Target } from './support/target.ts';

/** An image whose original is in the bucket without an event, and so without a job. */
async function placed(target: Target, photo: Buffer): Promise<string> {
  const { id } = await target.client.ticket('image/jpeg', photo.length);
  await place(target, id, photo);
  return id;
}

async function place({ s3, bucket, tenant }: Target, id: string, photo: Buffer): Promise<void> {
  await s3.send(
    new PutObjectCommand({ Bucket: bucket, Key: incomingKey({ tenant, imageId: id }), Body: photo }),
  );
}

behaviour(
  'only the bad messages of a batch return: the good ones are processed once',
  {
    on: ['local', 'localstack', 'aws'],
    proves: 'partial batch responses (ReportBatchItemFailures); invalid jobs end in the dead-letter queue',
  },
  async (target) => {
    await calm(target);
    const photo = await smallPhoto(21);
    const good = await Promise.all(Array.from({ length: 5 }, () => placed(target, photo)));
    const bad = good.map((id) => `no job, sent with ${id}`);
    // Alternating, so that however the queue forms its batches, each of two or more messages has both kinds.
    const bodies = good.flatMap((id, n) => [jobBody({ tenant: target.tenant, imageId: id }), bad[n] ?? '']);
    const Entries = bodies.map((MessageBody, n) => ({ Id: String(n), MessageBody }));
    await target.sqs.send(new SendMessageBatchCommand({ QueueUrl: target.jobsQueueUrl, Entries }));

    for (const id of good) expect((await target.client.finished(id)).status).toBe('ready');
    await holds(target, 'deadLetters', bad.length);
    await holds(target, 'jobs', 0);
    expect((await takeDeadLetters(target)).sort()).toEqual(bad.sort());

    const lines = await target.log('process');
    const done = lines.filter(
      ({ message, imageId = '' }) => message === 'Processed' && good.includes(imageId),
    );
    expect(done.map(({ imageId }) => imageId).sort()).toEqual([...good].sort());
    const refused = lines.filter(({ message }) => message === 'Not a job');
    // At least one batch had both kinds, otherwise this would prove nothing.
    expect(done.some(({ requestId }) => refused.some((line) => line.requestId === requestId))).toBe(true);
    const { rows } = await target.sql.query('select distinct attempt from image where id = any($1)', [good]);
    expect(rows).toEqual([{ attempt: 1 }]);
  },
);

behaviour(
  'a job that fails repeatedly ends in the dead-letter queue, and after a redrive it succeeds',
  {
    on: ['local', 'localstack', 'aws'],
    proves:
      'attempts are counted, the dead-letter queue receives the message, a redrive starts the image over',
  },
  async (target) => {
    const { client, tenant } = target;
    await calm(target);
    const photo = await smallPhoto(22);
    // Its original is missing, which is not the image's fault.
    const { id } = await client.ticket('image/jpeg', photo.length);
    await send(target, jobBody({ tenant, imageId: id }));
    expect(await client.finished(id)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    await holds(target, 'deadLetters', 1);
    await holds(target, 'jobs', 0);

    await place(target, id, photo);
    await target.redrive();
    await until(async () => (await client.get(id)).status === 'ready');
    await holds(target, 'jobs', 0);
    await holds(target, 'deadLetters', 0);
  },
);
