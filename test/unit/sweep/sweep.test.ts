import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { derivedPrefix, incomingKey } from '../../../lambda/domain/image.ts';
import type { Dependencies } from '../../../lambda/sweep/dependencies.ts';
import { createHandler, type SweepReport } from '../../../lambda/sweep/handler.ts';
import { type Cloud, startCloud } from '../aws/cloud.ts';
import { type Bench, insertImage, openBench, readImage, sessions } from '../postgres/rows.ts';
import { invocation, keepingLog } from '../process/workshop.ts';

let bench: Bench;
let cloud: Cloud;
let s3: S3Client;
let sqs: SQSClient;
let dependencies: Dependencies;
beforeAll(async () => {
  bench = await openBench();
  cloud = await startCloud();
  s3 = storageClient();
  sqs = queueClient();
  dependencies = {
    database: bench.as('sluice_sweep'),
    bucket: openBucket({ bucketName: cloud.bucketName, client: s3 }),
    queue: openQueue({ queueUrl: cloud.queueUrl, client: sqs }),
    log: keepingLog(),
  };
});
afterAll(async () => {
  s3.destroy();
  sqs.destroy();
  await cloud.stop();
  await bench.close();
});
beforeEach(async () => {
  cloud.server.reset();
  await bench.admin.query('truncate image, idempotency_key cascade');
});

const sweep = (more: Partial<Dependencies> = {}, remaining = 300_000): Promise<SweepReport> =>
  createHandler({ ...dependencies, ...more })(
    {},
    invocation(() => remaining),
  );
const image = (status: string, sql: Record<string, string> = {}, values: Record<string, unknown> = {}) =>
  insertImage(bench.admin, { values: { status, ...values }, sql });
const ago = (interval: string) => `now() - interval '${interval}'`;
const put = (Key: string) =>
  s3.send(new PutObjectCommand({ Bucket: cloud.bucketName, Key, Body: 'something' }));
const row = (id: string) => readImage(bench.admin, id);
/** Images that have a message on the queue. */
const enqueued = () =>
  (cloud.server.inspectQueue(cloud.queueName)?.messages.ready ?? []).map(
    ({ body }) => (JSON.parse(body) as { imageId: string }).imageId,
  );
const overdue = { ticket_expires_at: ago('10 minutes') };

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
    cloud.server.reset();
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 0 } });
  });

  it('are waited for while their message may be among others, for an hour', async () => {
    await dependencies.queue.sendJobs([{ tenant: 'alpha', imageId: await image('ready') }]);
    // A message in flight counts as much as one that waits: it may be hidden for a back-off.
    await sqs.send(new ReceiveMessageCommand({ QueueUrl: cloud.queueUrl }));
    await image('queued', { enqueued_at: ago('59 minutes') });
    const lost = await image('queued', { enqueued_at: ago('61 minutes') });
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 1 } });
    expect(enqueued()).toEqual([lost]);
  });

  it('stay as they are when SQS does not take them', async () => {
    const lost = await image('queued', { enqueued_at: ago('3 minutes') });
    const before = (await row(lost)).enqueued_at;
    const queue = openQueue({ queueUrl: cloud.queueUrl.replace('ImageJobs', 'NoQueue'), client: sqs });
    const unsent = { ...queue, queueDepth: dependencies.queue.queueDepth };
    expect(await sweep({ queue: unsent })).toMatchObject({ lostMessages: { enqueued: 0 } });
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
});

describe('deleted images', () => {
  const gone = { deleted_at: ago('1 hour'), ticket_expires_at: ago('1 hour') };

  it('lose their original, their variants and then their row, and no other loses anything', async () => {
    const id = await image('ready', gone);
    await bench.admin.query(
      "insert into variant values ($1, 'small', 'webp', 'image/webp', 1, 1, 1, repeat('a', 64), 'k')",
      [id],
    );
    const other = await image('ready');
    const keys = (of: string) => [incomingKey('alpha', of), `${derivedPrefix('alpha', of)}small.x.y.webp`];
    for (const key of [...keys(id), ...keys(other)]) await put(key);
    expect(await sweep()).toMatchObject({ deletedImages: { removed: 1, kept: 0 } });
    const { bucket } = dependencies;
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

  it('keep their row as long as an object is left', async () => {
    const [stuck, free] = [await image('ready', gone), await image('ready', gone)];
    const { bucket } = dependencies;
    const report = await sweep({
      bucket: {
        ...bucket,
        deletePrefix: (prefix) =>
          prefix.includes(stuck) ? Promise.reject(new Error('away')) : bucket.deletePrefix(prefix),
      },
    });
    expect(report).toMatchObject({ deletedImages: { removed: 1, kept: 1 } });
    expect(await row(stuck)).toBeDefined();
    expect(await row(free)).toBeUndefined();
  });
});

describe('idempotency keys', () => {
  it('are forgotten when their time is over', async () => {
    for (const [key, expires] of [
      ['old', ago('1 second')],
      ['new', "now() + interval '1 hour'"],
    ])
      await bench.admin.query(
        `insert into idempotency_key (tenant_id, key, request_sha256, locked_until, expires_at)
         values ('alpha', $1, ''::bytea, now(), ${expires})`,
        [key],
      );
    expect(await sweep()).toMatchObject({ expiredKeys: { removed: 1 } });
    const { rows } = await bench.admin.query('select key from idempotency_key');
    expect(rows).toEqual([{ key: 'new' }]);
  });
});

describe('a run', () => {
  it('does the other duties when one fails, and fails at its end', async () => {
    const unused = await image('awaiting_upload', overdue);
    const queue = { ...dependencies.queue, queueDepth: () => Promise.reject(new Error('away')) };
    await expect(sweep({ queue })).rejects.toThrow('2 duties failed');
    expect(await row(unused)).toMatchObject({ status: 'expired' });
  });

  it('begins nothing when its time is nearly over', async () => {
    const unused = await image('awaiting_upload', overdue);
    expect(await sweep({}, 10_000)).toMatchObject({ unusedTickets: 'skipped' });
    expect(await row(unused)).toMatchObject({ status: 'awaiting_upload' });
  });

  it('leaves no connection open', async () => {
    await sweep();
    expect(await sessions(bench.admin)).toBe(0);
  });
});
