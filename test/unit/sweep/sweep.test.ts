import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { derivedPrefix, incomingKey } from '../../../lambda/domain/image.ts';
import { sessions } from '../postgres/rows.ts';
import { ago, openWorkshop } from './workshop.ts';

type Workshop = Awaited<ReturnType<typeof openWorkshop>>;
let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.close());
beforeEach(async () => {
  workshop.cloud.server.reset();
  await workshop.bench.admin.query('truncate image, idempotency_key cascade');
});

const sweep: Workshop['sweep'] = (...told) => workshop.sweep(...told);
const image: Workshop['image'] = (...told) => workshop.image(...told);
const put = (key: string) => workshop.put(key);
const row = (id: string) => workshop.row(id);
const enqueued = () => workshop.enqueued();
const overdue = { ticket_expires_at: ago('10 minutes') };
/** A message that waits on the queue. */
const somethingWaits = async () =>
  workshop.dependencies.queue.sendJobs([{ tenant: 'alpha', imageId: await image('ready') }]);

describe('tickets that ran out', () => {
  it('expire where nothing was uploaded, and are enqueued where something was', async () => {
    const unused = await image('awaiting_upload', overdue);
    const uploaded = await image('awaiting_upload', overdue);
    await put(incomingKey('alpha', uploaded));
    expect(await sweep()).toMatchObject({ unusedTickets: { expired: 1, enqueued: 1 } });
    expect(await row(unused)).toMatchObject({ status: 'expired' });
    expect(await row(uploaded)).toMatchObject({ status: 'queued', enqueued_at: expect.any(Date) });
    expect(enqueued()).toEqual([uploaded]);
  });

  it('are not sent again while their message may wait behind others, and count as enqueued from now on', async () => {
    await somethingWaits();
    const uploaded = await image('awaiting_upload', overdue);
    await put(incomingKey('alpha', uploaded));
    expect(await sweep()).toMatchObject({ unusedTickets: { expired: 0, enqueued: 0, awaited: 1 } });
    expect(await row(uploaded)).toMatchObject({ status: 'queued', enqueued_at: expect.any(Date) });
    expect(enqueued()).not.toContain(uploaded);
  });

  it('stay as they are where a worker has claimed the image while the bucket was asked', async () => {
    const claimed = await image('awaiting_upload', overdue);
    const { bucket } = workshop.dependencies;
    await sweep({
      bucket: {
        ...bucket,
        findUploaded: async (keys, signal) => {
          const found = await bucket.findUploaded(keys, signal);
          await workshop.bench.admin.query(
            "update image set status = 'processing', lease_expires_at = now() + interval '1 minute' where id = $1",
            [claimed],
          );
          return found;
        },
      },
    });
    expect(await row(claimed)).toMatchObject({ status: 'processing' });
  });

  it('are left alone while an upload that began in time may still arrive', async () => {
    const fresh = await image('awaiting_upload', { ticket_expires_at: ago('1 minute') });
    expect(await sweep()).toMatchObject({ unusedTickets: { expired: 0, enqueued: 0 } });
    expect(await row(fresh)).toMatchObject({ status: 'awaiting_upload' });
  });
});

describe('queued images', () => {
  it('are enqueued again after two minutes when the queue is empty, once', async () => {
    const lost = await image('queued', { enqueued_at: ago('3 minutes') });
    const neverSent = await image('queued', { updated_at: ago('3 minutes') });
    await image('queued', { enqueued_at: ago('1 minute') });
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 2 } });
    expect(enqueued().sort()).toEqual([lost, neverSent].sort());
    workshop.cloud.server.reset();
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 0 } });
  });

  it('are waited for while their message may be among others, for an hour', async () => {
    await somethingWaits();
    // A message in flight counts as much as one that waits: it may be hidden for a back-off.
    await workshop.sqs.send(new ReceiveMessageCommand({ QueueUrl: workshop.cloud.queueUrl }));
    await image('queued', { enqueued_at: ago('59 minutes') });
    const lost = await image('queued', { enqueued_at: ago('61 minutes') });
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 1 } });
    expect(enqueued()).toEqual([lost]);
  });

  it('stay as they are when SQS does not take them', async () => {
    const lost = await image('queued', { enqueued_at: ago('3 minutes') });
    const before = (await row(lost)).enqueued_at;
    const queueUrl = workshop.cloud.queueUrl.replace('ImageJobs', 'NoQueue');
    const { sqs: client, dependencies } = workshop;
    const unsent = { ...openQueue({ queueUrl, client }), queueDepth: dependencies.queue.queueDepth };
    await expect(sweep({ queue: unsent })).rejects.toThrow('1 duties failed');
    expect((await row(lost)).enqueued_at).toEqual(before);
  });

  it('are not sent when they are deleted', async () => {
    await image('queued', { enqueued_at: ago('2 hours'), deleted_at: 'now()' });
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 0 } });
  });
});

describe('images whose worker died', () => {
  it('are enqueued again a minute after their lease, once a lease, and keep their fence', async () => {
    const sql = { lease_expires_at: ago('2 minutes'), enqueued_at: ago('10 minutes') };
    const dead = await image('processing', sql, { attempt: 3 });
    await image('processing', { lease_expires_at: ago('10 seconds') });
    await image('processing', { lease_expires_at: "now() + interval '1 minute'" });
    expect(await sweep()).toMatchObject({ deadLeases: { enqueued: 1 } });
    expect(enqueued()).toEqual([dead]);
    expect(await row(dead)).toMatchObject({ status: 'processing', attempt: 3, failures: 0 });
    expect(await sweep()).toMatchObject({ deadLeases: { enqueued: 0 } });
  });

  it('are enqueued once more when that message must be lost too', async () => {
    const sql = { lease_expires_at: ago('10 minutes'), enqueued_at: ago('3 minutes') };
    const dead = await image('processing', sql);
    await image('processing', { ...sql, enqueued_at: ago('1 minute') });
    expect(await sweep()).toMatchObject({ deadLeases: { enqueued: 1 } });
    expect(enqueued()).toEqual([dead]);
  });
});

describe('deleted images', () => {
  const gone = { deleted_at: ago('1 hour'), ticket_expires_at: ago('1 hour') };

  it('lose their original, their variants and then their row, and no other loses anything', async () => {
    const id = await image('ready', gone);
    await workshop.bench.admin.query(
      "insert into variant values ($1, 'small', 'webp', 'image/webp', 1, 1, 1, repeat('a', 64), 'k')",
      [id],
    );
    const other = await image('ready');
    const keys = (of: string) => [incomingKey('alpha', of), `${derivedPrefix('alpha', of)}small.x.y.webp`];
    for (const key of [...keys(id), ...keys(other)]) await put(key);
    expect(await sweep()).toMatchObject({ deletedImages: { removed: 1, kept: 0 } });
    const { bucket } = workshop;
    for (const key of keys(id)) expect(await bucket.headOriginal(key)).toBeUndefined();
    for (const key of keys(other)) expect(await bucket.headOriginal(key)).toBeDefined();
    expect(await row(id)).toBeUndefined();
    expect(await row(other)).toBeDefined();
  });

  it.each([
    ['a worker still holds it', { lease_expires_at: "now() + interval '1 minute'" }],
    ['its ticket still admits an upload', { ticket_expires_at: ago('1 minute') }],
  ])('stay while %s', async (_, sql) => {
    const id = await image('processing', { ...gone, ...sql });
    expect(await sweep()).toMatchObject({ deletedImages: { removed: 0 } });
    expect(await row(id)).toBeDefined();
  });

  it('keep their row as long as S3 keeps an object, and the others go', async () => {
    const [stuck, free] = [await image('ready', gone), await image('ready', gone)];
    for (const id of [stuck, free]) await put(`${derivedPrefix('alpha', id)}small.x.y.webp`);
    const key = `${derivedPrefix('alpha', stuck)}small.x.y.webp`;
    const bucket = await workshop.bucketBehind((body) =>
      body.includes(key)
        ? `<?xml version="1.0"?><DeleteResult><Error><Key>${key}</Key><Code>AccessDenied</Code></Error></DeleteResult>`
        : undefined,
    );
    expect(await sweep({ bucket })).toMatchObject({ deletedImages: { removed: 1, kept: 1 } });
    expect(await row(stuck)).toBeDefined();
    expect(await row(free)).toBeUndefined();
    expect(await workshop.bucket.headOriginal(key)).toBeDefined();
  });

  it('do not go where the image was not deleted after all', async () => {
    const living = await image('ready', gone);
    const { bucket } = workshop.dependencies;
    await sweep({
      bucket: {
        ...bucket,
        deleteAt: async (places, signal) => {
          await workshop.bench.admin.query('update image set deleted_at = null where id = $1', [living]);
          return bucket.deleteAt(places, signal);
        },
      },
    });
    expect(await row(living)).toBeDefined();
  });
});

describe('images at their end', () => {
  it.each([
    ['expired', '1 day'],
    ['rejected', '30 days'],
    ['failed', '30 days'],
  ])('%s go after %s with their objects, and not before', async (status, after) => {
    const [old, young] = [
      await image(status, { updated_at: `now() - interval '${after}' - interval '1 minute'` }),
      await image(status, { updated_at: `now() - interval '${after}' + interval '1 minute'` }),
    ];
    for (const id of [old, young]) await put(incomingKey('alpha', id));
    expect(await sweep()).toMatchObject({ endedImages: { [status]: 1 } });
    expect(await row(old)).toBeUndefined();
    expect(await row(young)).toMatchObject({ status });
    const { bucket } = workshop;
    expect(await bucket.headOriginal(incomingKey('alpha', old))).toBeUndefined();
    expect(await bucket.headOriginal(incomingKey('alpha', young))).toBeDefined();
  });

  it('ready stay unless it is told how long', async () => {
    const old = await image('ready', { updated_at: ago('400 days') });
    await sweep();
    expect(await row(old)).toBeDefined();
    const retention = { ...workshop.dependencies.retention, readyDays: 365 };
    expect(await sweep({ retention })).toMatchObject({ endedImages: { ready: 1 } });
    expect(await row(old)).toBeUndefined();
  });

  it('stay where the end was not the end: an upload came for one that had expired', async () => {
    const revived = await image('expired', { updated_at: ago('2 days') });
    const { bucket } = workshop.dependencies;
    await sweep({
      bucket: {
        ...bucket,
        deleteAt: async (places, signal) => {
          await workshop.bench.admin.query("update image set status = 'queued' where id = $1", [revived]);
          return bucket.deleteAt(places, signal);
        },
      },
    });
    expect(await row(revived)).toMatchObject({ status: 'queued' });
  });
});

describe('uploads by a ticket after its first', () => {
  it('are taken from the bucket, the first stays, and then they are forgotten', async () => {
    const id = await image('ready');
    const key = incomingKey('alpha', id);
    const first = await put(key);
    const later = [await put(key), await put(key)];
    for (const version of later)
      await workshop.bench.admin.query('insert into extra_upload (image_id, version_id) values ($1, $2)', [
        id,
        version,
      ]);
    expect(await sweep()).toMatchObject({ extraUploads: { removed: 2 } });
    expect(await workshop.bucket.findFirstUpload(key)).toMatchObject({ version: first, later: [] });
    expect((await workshop.bench.admin.query('select from extra_upload')).rowCount).toBe(0);
  });
});

describe('idempotency keys', () => {
  it('are forgotten when their time is over', async () => {
    for (const [key, expires] of [
      ['old', ago('1 second')],
      ['new', "now() + interval '1 hour'"],
    ])
      await workshop.bench.admin.query(
        `insert into idempotency_key (tenant_id, key, request_sha256, locked_until, expires_at)
         values ('alpha', $1, ''::bytea, now(), ${expires})`,
        [key],
      );
    expect(await sweep()).toMatchObject({ expiredKeys: { removed: 1 } });
    const { rows } = await workshop.bench.admin.query('select key from idempotency_key');
    expect(rows).toEqual([{ key: 'new' }]);
  });
});

describe('a run', () => {
  it('goes on until nothing is left, bite by bite', async () => {
    await workshop.bench.admin.query(
      `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
       select gen_random_uuid(), 'alpha', 'awaiting_upload', 'image/jpeg', 1, '{small}', now() - interval '1 hour'
       from generate_series(1, 1201)`,
    );
    expect(await sweep()).toMatchObject({ unusedTickets: { expired: 1201 } });
  });

  it.each([
    ['SQS', 'one duty', { queue: true }],
    ['S3', 'one duty', { bucket: true }],
  ])(
    'does the other duties when %s fails %s, and fails at its end',
    async (_, __, { queue, bucket }: { queue?: boolean; bucket?: boolean }) => {
      await image('queued', { enqueued_at: ago('3 hours') });
      const unused = await image('awaiting_upload', overdue);
      const { dependencies } = workshop;
      const away = () => Promise.reject(new Error('away'));
      const failing = {
        ...(queue ? { queue: { ...dependencies.queue, sendJobs: away } } : {}),
        ...(bucket ? { bucket: { ...dependencies.bucket, findUploaded: away } } : {}),
      };
      await expect(sweep(failing)).rejects.toThrow('1 duties failed');
      expect(await row(unused)).toMatchObject({ status: queue ? 'expired' : 'awaiting_upload' });
      expect(enqueued()).toHaveLength(queue ? 0 : 1);
      const duties = workshop.log.lines.flatMap(({ fields }) =>
        fields.duty === undefined ? [] : [fields.duty],
      );
      expect(duties.at(-1)).toBe(queue ? 'lostMessages' : 'unusedTickets');
    },
  );

  it('begins nothing when its time is nearly over', async () => {
    const unused = await image('awaiting_upload', overdue);
    expect(await sweep({}, 10_000)).toMatchObject({ unusedTickets: 'skipped' });
    expect(await row(unused)).toMatchObject({ status: 'awaiting_upload' });
  });

  it('leaves no connection open, also where it fails', async () => {
    await sweep();
    expect(await sessions(workshop.bench.admin)).toBe(0);
    const queue = { ...workshop.dependencies.queue, queueDepth: () => Promise.reject(new Error('away')) };
    await expect(sweep({ queue })).rejects.toThrow('2 duties failed');
    expect(await sessions(workshop.bench.admin)).toBe(0);
  });
});

describe('where nobody answers', () => {
  const hasty = { biteMs: 400, recordMs: 5_000, answerMs: 1_000 };

  it('S3: what was done until then is recorded, each duty ends by itself, and the others are done', async () => {
    const gone = { deleted_at: ago('1 hour'), ticket_expires_at: ago('1 hour') };
    const [stuck, free] = [await image('ready', gone), await image('ready', gone)];
    const lost = await image('queued', { enqueued_at: ago('3 hours') });
    for (const id of [stuck, free]) await put(`${derivedPrefix('alpha', id)}small.x.y.webp`);
    const bucket = await workshop.bucketBehind((_, { url }) =>
      url?.includes(stuck) ? 'silence' : undefined,
    );
    await expect(sweep({ bucket }, 300_000, hasty)).rejects.toThrow('1 duties failed');
    expect(await row(free)).toBeUndefined();
    expect(await row(stuck)).toBeDefined();
    expect(enqueued()).toEqual([lost]);
  });

  it('SQS: the others are done', async () => {
    await image('queued', { enqueued_at: ago('3 hours') });
    const unused = await image('awaiting_upload', overdue);
    const silent = await workshop.silence();
    const client = new SQSClient({ endpoint: silent, useQueueUrlAsEndpoint: false, maxAttempts: 1 });
    const queue = openQueue({ queueUrl: workshop.cloud.queueUrl, client });
    await expect(sweep({ queue }, 300_000, hasty)).rejects.toThrow('2 duties failed');
    expect(await row(unused)).toMatchObject({ status: 'expired' });
    client.destroy();
  });
});
