import { expect, onTestFinished } from 'vitest';
import { smallPhoto } from '../support/pictures.ts';
import { until } from '../support/pipeline.ts';
import { behaviour } from './support/behaviour.ts';
import { openReadyQueue, type ReadyEvent } from './support/ready-queue.ts';

behaviour(
  'a ready image is announced on the event bus, and a rejected one is not',
  {
    on: ['localstack', 'aws'],
    proves: 'process → EventBridge → a rule on the bucket → its target, with bucket, tenant and id',
    timeoutMs: 120_000,
  },
  async ({ client, sqs, bucket, tenant, cloud }) => {
    if (cloud === undefined) throw new Error('this is no deployment');
    const queue = await openReadyQueue(sqs, cloud.events, bucket);
    onTestFinished(() => queue.remove());
    const rejected = await client.upload(Buffer.from('no picture'), 'image/jpeg');
    expect((await client.finished(rejected)).status).toBe('rejected');
    const id = await client.upload(await smallPhoto(61));
    const come: ReadyEvent[] = [];
    await until(async () => {
      come.push(...(await queue.receive()));
      return come.some(({ detail }) => detail.id === id);
    });
    // The API reports it as ready before the event arrives.
    expect((await client.get(id)).status).toBe('ready');
    expect(come.map(({ detail }) => detail.id)).not.toContain(rejected);
    expect(come.find(({ detail }) => detail.id === id)).toMatchObject({
      source: 'sluice',
      'detail-type': 'Image ready',
      detail: { bucket, tenant, id },
    });
  },
);
