import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { incomingKey } from '../../../lambda/domain/image.ts';
import { sessions } from '../postgres/rows.ts';
import { ago, useTestSweep } from './test-sweep.ts';

const { testSweep, sweep, image, put, row, enqueued } = useTestSweep();
const overdue = { ticket_expires_at: ago('10 minutes') };
/** A message that waits on the queue. */
const somethingWaits = async () =>
  testSweep.dependencies.queue.sendJobs([{ tenant: 'alpha', imageId: await image('ready') }]);

describe('expired tickets', () => {
  it('expired tickets end as expired without an upload, and are enqueued with one', async () => {
    const unused = await image('awaiting_upload', overdue);
    const uploaded = await image('awaiting_upload', overdue);
    await put(incomingKey({ tenant: 'alpha', imageId: uploaded }));
    expect(await sweep()).toMatchObject({ unusedTickets: { expired: 1, enqueued: 1 } });
    expect(await row(unused)).toMatchObject({ status: 'expired' });
    expect(await row(uploaded)).toMatchObject({ status: 'queued', enqueued_at: expect.any(Date) });
    expect(enqueued()).toEqual([uploaded]);
    expect(testSweep.recorded).toEqual([
      { name: 'OldestSnapshotSeconds', dimensions: {}, value: 0 },
      { name: 'ImagesEnded', dimensions: { Status: 'expired' }, value: 1 },
      { name: 'MessagesRequeued', dimensions: {}, value: 1 },
    ]);
  });

  it('uploads of expired tickets are not sent again while their message may wait in the queue, and count as enqueued', async () => {
    await somethingWaits();
    const uploaded = await image('awaiting_upload', overdue);
    await put(incomingKey({ tenant: 'alpha', imageId: uploaded }));
    expect(await sweep()).toMatchObject({ unusedTickets: { expired: 0, enqueued: 0, awaited: 1 } });
    expect(await row(uploaded)).toMatchObject({ status: 'queued', enqueued_at: expect.any(Date) });
    expect(enqueued()).not.toContain(uploaded);
  });

  it('an image that a worker claims while the bucket is queried is unchanged', async () => {
    const claimed = await image('awaiting_upload', overdue);
    const { bucket } = testSweep.dependencies;
    await sweep({
      bucket: {
        ...bucket,
        findUploaded: async (keys, signal) => {
          const found = await bucket.findUploaded(keys, signal);
          await testSweep.db.admin.query(
            "update image set status = 'processing', lease_expires_at = now() + interval '1 minute' where id = $1",
            [claimed],
          );
          return found;
        },
      },
    });
    expect(await row(claimed)).toMatchObject({ status: 'processing' });
  });

  it('a ticket is left alone while an upload that began in time may still arrive', async () => {
    const fresh = await image('awaiting_upload', { ticket_expires_at: ago('1 minute') });
    expect(await sweep()).toMatchObject({ unusedTickets: { expired: 0, enqueued: 0 } });
    expect(await row(fresh)).toMatchObject({ status: 'awaiting_upload' });
  });
});

describe('queued images', () => {
  it('queued images are enqueued again once after two minutes if the queue is empty', async () => {
    const lost = await image('queued', { enqueued_at: ago('3 minutes') });
    const neverSent = await image('queued', { updated_at: ago('3 minutes') });
    await image('queued', { enqueued_at: ago('1 minute') });
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 2 } });
    expect(enqueued().sort()).toEqual([lost, neverSent].sort());
    testSweep.cloud.server.reset();
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 0 } });
  });

  it('queued images are left alone for an hour while their message may be in the queue', async () => {
    await somethingWaits();
    // A message in flight counts as much as one that waits: it may be hidden for a back-off.
    await testSweep.sqs.send(new ReceiveMessageCommand({ QueueUrl: testSweep.cloud.queueUrl }));
    await image('queued', { enqueued_at: ago('59 minutes') });
    const lost = await image('queued', { enqueued_at: ago('61 minutes') });
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 1 } });
    expect(enqueued()).toEqual([lost]);
  });

  it('queued images are unchanged if SQS does not accept their messages', async () => {
    const lost = await image('queued', { enqueued_at: ago('3 minutes') });
    const before = (await row(lost)).enqueued_at;
    const queueUrl = testSweep.cloud.queueUrl.replace('ImageJobs', 'NoQueue');
    const { sqs: client, dependencies } = testSweep;
    const unsent = { ...openQueue({ queueUrl, client }), queueDepth: dependencies.queue.queueDepth };
    await expect(sweep({ queue: unsent })).rejects.toThrow('1 duties failed');
    expect((await row(lost)).enqueued_at).toEqual(before);
  });

  it('queued images that are deleted are not enqueued', async () => {
    await image('queued', { enqueued_at: ago('2 hours'), deleted_at: 'now()' });
    expect(await sweep()).toMatchObject({ lostMessages: { enqueued: 0 } });
  });
});

describe('images whose worker died', () => {
  it('images whose worker died are enqueued a minute after their lease, once a lease, and keep their attempt', async () => {
    const sql = { lease_expires_at: ago('2 minutes'), enqueued_at: ago('10 minutes') };
    const dead = await image('processing', sql, { attempt: 3 });
    await image('processing', { lease_expires_at: ago('10 seconds') });
    await image('processing', { lease_expires_at: "now() + interval '1 minute'" });
    expect(await sweep()).toMatchObject({ deadLeases: { enqueued: 1 } });
    expect(enqueued()).toEqual([dead]);
    expect(await row(dead)).toMatchObject({ status: 'processing', attempt: 3, failures: 0 });
    expect(await sweep()).toMatchObject({ deadLeases: { enqueued: 0 } });
  });

  it('images whose worker died are enqueued again if that message must be lost too', async () => {
    const sql = { lease_expires_at: ago('10 minutes'), enqueued_at: ago('3 minutes') };
    const dead = await image('processing', sql);
    await image('processing', { ...sql, enqueued_at: ago('1 minute') });
    expect(await sweep()).toMatchObject({ deadLeases: { enqueued: 1 } });
    expect(enqueued()).toEqual([dead]);
  });
});

describe('a run of the sweep', () => {
  it('a run continues batch by batch until nothing is left', async () => {
    await testSweep.db.admin.query(
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
    'a run completes the other duties when %s fails %s, and fails at its end',
    async (_, __, { queue, bucket }: { queue?: boolean; bucket?: boolean }) => {
      await image('queued', { enqueued_at: ago('3 hours') });
      const unused = await image('awaiting_upload', overdue);
      const { dependencies } = testSweep;
      const away = () => Promise.reject(new Error('away'));
      const failing = {
        ...(queue ? { queue: { ...dependencies.queue, sendJobs: away } } : {}),
        ...(bucket ? { bucket: { ...dependencies.bucket, findUploaded: away } } : {}),
      };
      await expect(sweep(failing)).rejects.toThrow('1 duties failed');
      expect(await row(unused)).toMatchObject({ status: queue ? 'expired' : 'awaiting_upload' });
      expect(enqueued()).toHaveLength(queue ? 0 : 1);
      const duties = testSweep.log.lines.flatMap(({ fields }) =>
        fields.duty === undefined ? [] : [fields.duty],
      );
      expect(duties.at(-1)).toBe(queue ? 'lostMessages' : 'unusedTickets');
    },
  );

  it('a run begins nothing when its time is nearly over', async () => {
    const unused = await image('awaiting_upload', overdue);
    expect(await sweep({}, 10_000)).toMatchObject({ unusedTickets: 'skipped' });
    expect(await row(unused)).toMatchObject({ status: 'awaiting_upload' });
  });

  it('a run leaves no connection open, even if it fails', async () => {
    await sweep();
    expect(await sessions(testSweep.db.admin)).toBe(0);
    const queue = { ...testSweep.dependencies.queue, queueDepth: () => Promise.reject(new Error('away')) };
    await expect(sweep({ queue })).rejects.toThrow('2 duties failed');
    expect(await sessions(testSweep.db.admin)).toBe(0);
  });
});

describe('services that are away', () => {
  it.each([
    ['database_unavailable', 'DatabaseUnavailable'],
    ['storage_unavailable', 'StorageUnavailable'],
  ] as const)('%s is counted once per invocation', async (code, name) => {
    await image('awaiting_upload', overdue);
    await image('ready', { deleted_at: ago('1 hour'), ticket_expires_at: ago('1 hour') });
    const fail = () => Promise.reject(new TransientFailure(code, 'nothing answers'));
    const { database, bucket } = testSweep.dependencies;
    const failing =
      code === 'database_unavailable'
        ? { database: { ...database, run: fail } }
        : { bucket: { ...bucket, findUploaded: fail, deleteAt: fail } };
    await expect(sweep(failing)).rejects.toThrow('duties failed');
    const outages = testSweep.recorded.filter((one) => one.name !== 'OldestSnapshotSeconds');
    expect(outages).toEqual([{ name, dimensions: {}, value: 1 }]);
  });
});
