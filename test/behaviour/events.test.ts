import { expect, onTestFinished } from 'vitest';
import type { ImageEvent } from '../../lambda/domain/event.ts';
import type { ReadyEventDetail } from '../../lambda/domain/ready-event.ts';
import { smallPhoto } from '../support/pictures.ts';
import { until } from '../support/pipeline.ts';
import { behaviour } from './support/behaviour.ts';
import { type BusEvent, openEventQueue } from './support/event-queue.ts';

behaviour(
  'the events of an image arrive on the pipeline’s own bus, also those of a rejected one',
  {
    on: ['localstack', 'aws'],
    proves: 'process → relay → the own event bus → a rule on the bucket → its target, with the CloudEvent',
    timeoutMs: 120_000,
  },
  async ({ client, sqs, bucket, tenant, cloud }) => {
    if (cloud === undefined) throw new Error('this is no deployment');
    const queue = await openEventQueue<ImageEvent>({ sqs, events: cloud.events }, await cloud.ownBus(), {
      source: ['sluice'],
      'detail-type': ['image.ready', 'image.rejected'],
      resources: [`arn:aws:s3:::${bucket}`],
    });
    onTestFinished(() => queue.remove());
    const rejected = await client.upload(Buffer.from('no picture'), 'image/jpeg');
    const ready = await client.upload(await smallPhoto(62));
    const come = new Map<string, BusEvent<ImageEvent>>();
    await until(async () => {
      for (const event of await queue.receive()) come.set(event.detail.subject, event);
      return come.has(ready) && come.has(rejected);
    });
    for (const [id, type] of [
      [ready, 'image.ready'],
      [rejected, 'image.rejected'],
    ] as const)
      expect(come.get(id)).toMatchObject({
        source: 'sluice',
        'detail-type': type,
        detail: { specversion: '1.0', type, subject: id, tenant, sequence: '2', data: { id } },
      });
  },
);

behaviour(
  'a ready image is announced on the default bus in the form of before, and a rejected one is not',
  {
    on: ['localstack', 'aws'],
    proves:
      'process → relay → the default bus → a rule on the bucket → its target, with bucket, tenant and id',
    timeoutMs: 120_000,
  },
  async ({ client, sqs, bucket, tenant, cloud }) => {
    if (cloud === undefined) throw new Error('this is no deployment');
    const queue = await openEventQueue<ReadyEventDetail>({ sqs, events: cloud.events }, 'default', {
      source: ['sluice'],
      'detail-type': ['Image ready'],
      detail: { bucket: [bucket] },
    });
    onTestFinished(() => queue.remove());
    const rejected = await client.upload(Buffer.from('no picture'), 'image/jpeg');
    expect((await client.finished(rejected)).status).toBe('rejected');
    const id = await client.upload(await smallPhoto(61));
    const come: BusEvent<ReadyEventDetail>[] = [];
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
