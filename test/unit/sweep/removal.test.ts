import { describe, expect, it } from 'vitest';
import { derivedPrefix, incomingKey } from '../../../lambda/domain/image.ts';
import { ago, useTestSweep } from './test-sweep.ts';

const { testSweep, sweep, image, put, row } = useTestSweep();

describe('deleted images', () => {
  const gone = { deleted_at: ago('1 hour'), ticket_expires_at: ago('1 hour') };

  it('deleted images lose their original, their variants and then their row, and no other image loses anything', async () => {
    const id = await image('ready', gone);
    await testSweep.db.admin.query(
      "insert into variant values ($1, 'small', 'webp', 'image/webp', 1, 1, 1, repeat('a', 64), 'k')",
      [id],
    );
    const other = await image('ready');
    const keys = (of: string) => [
      incomingKey({ tenant: 'alpha', imageId: of }),
      `${derivedPrefix({ tenant: 'alpha', imageId: of })}small.x.y.webp`,
    ];
    for (const key of [...keys(id), ...keys(other)]) await put(key);
    expect(await sweep()).toMatchObject({ deletedImages: { removed: 1, kept: 0 } });
    const { bucket } = testSweep;
    for (const key of keys(id)) expect(await bucket.headOriginal(key)).toBeUndefined();
    for (const key of keys(other)) expect(await bucket.headOriginal(key)).toBeDefined();
    expect(await row(id)).toBeUndefined();
    expect(await row(other)).toBeDefined();
  });

  it.each([
    ['a worker still holds it', { lease_expires_at: "now() + interval '1 minute'" }],
    ['its ticket still admits an upload', { ticket_expires_at: ago('1 minute') }],
  ])('deleted images are kept while %s', async (_, sql) => {
    const id = await image('processing', { ...gone, ...sql });
    expect(await sweep()).toMatchObject({ deletedImages: { removed: 0 } });
    expect(await row(id)).toBeDefined();
  });

  it('deleted images keep their row as long as S3 keeps an object, and the others are removed', async () => {
    const [stuck, free] = [await image('ready', gone), await image('ready', gone)];
    for (const id of [stuck, free])
      await put(`${derivedPrefix({ tenant: 'alpha', imageId: id })}small.x.y.webp`);
    const key = `${derivedPrefix({ tenant: 'alpha', imageId: stuck })}small.x.y.webp`;
    const bucket = await testSweep.bucketBehind((body) =>
      body.includes(key)
        ? `<?xml version="1.0"?><DeleteResult><Error><Key>${key}</Key><Code>AccessDenied</Code></Error></DeleteResult>`
        : undefined,
    );
    expect(await sweep({ bucket })).toMatchObject({ deletedImages: { removed: 1, kept: 1 } });
    expect(await row(stuck)).toBeDefined();
    expect(await row(free)).toBeUndefined();
    expect(await testSweep.bucket.headOriginal(key)).toBeDefined();
  });

  it('an image that is not deleted is not removed', async () => {
    const living = await image('ready', gone);
    const { bucket } = testSweep.dependencies;
    await sweep({
      bucket: {
        ...bucket,
        deleteAt: async (places, signal) => {
          await testSweep.db.admin.query('update image set deleted_at = null where id = $1', [living]);
          return bucket.deleteAt(places, signal);
        },
      },
    });
    expect(await row(living)).toBeDefined();
  });
});

describe('superseded images', () => {
  const over = { ticket_expires_at: ago('1 hour') };

  it('superseded images lose their objects at once and keep their row, and are not asked for again', async () => {
    const id = await image('superseded', over);
    const other = await image('queued', over);
    for (const of of [id, other]) await put(incomingKey({ tenant: 'alpha', imageId: of }));
    expect(await sweep()).toMatchObject({ supersededImages: { cleared: 1, kept: 0 } });
    const { bucket } = testSweep;
    expect(await bucket.headOriginal(incomingKey({ tenant: 'alpha', imageId: id }))).toBeUndefined();
    expect(await bucket.headOriginal(incomingKey({ tenant: 'alpha', imageId: other }))).toBeDefined();
    expect(await row(id)).toMatchObject({ status: 'superseded' });
    const removed: string[] = [];
    const deleteAt: typeof bucket.deleteAt = async (places, signal) => {
      removed.push(...places);
      return bucket.deleteAt(places, signal);
    };
    await sweep({ bucket: { ...bucket, deleteAt } });
    expect(removed).toEqual([]);
  });

  it('superseded images keep their objects while their ticket or a lease can add some', async () => {
    const ids = [
      await image('superseded', { ticket_expires_at: ago('1 minute') }),
      await image('superseded', { ...over, lease_expires_at: "now() + interval '1 minute'" }),
    ];
    for (const id of ids) await put(incomingKey({ tenant: 'alpha', imageId: id }));
    expect(await sweep()).toMatchObject({ supersededImages: { cleared: 0 } });
    for (const id of ids)
      expect(
        await testSweep.bucket.headOriginal(incomingKey({ tenant: 'alpha', imageId: id })),
      ).toBeDefined();
  });
});

describe('images with a final status', () => {
  it.each([
    ['expired', '1 day'],
    ['superseded', '1 day'],
    ['rejected', '30 days'],
    ['failed', '30 days'],
  ])('%s images are removed after %s with their objects, and not before', async (status, after) => {
    const [old, young] = [
      await image(status, { updated_at: `now() - interval '${after}' - interval '1 minute'` }),
      await image(status, { updated_at: `now() - interval '${after}' + interval '1 minute'` }),
    ];
    for (const id of [old, young]) await put(incomingKey({ tenant: 'alpha', imageId: id }));
    expect(await sweep()).toMatchObject({ endedImages: { [status]: 1 } });
    expect(await row(old)).toBeUndefined();
    expect(await row(young)).toMatchObject({ status });
    const { bucket } = testSweep;
    expect(await bucket.headOriginal(incomingKey({ tenant: 'alpha', imageId: old }))).toBeUndefined();
    expect(await bucket.headOriginal(incomingKey({ tenant: 'alpha', imageId: young }))).toBeDefined();
  });

  it('ready images are kept unless a retention is configured', async () => {
    const old = await image('ready', { updated_at: ago('400 days') });
    await sweep();
    expect(await row(old)).toBeDefined();
    const retention = { ...testSweep.dependencies.retention, readyDays: 365 };
    expect(await sweep({ retention })).toMatchObject({ endedImages: { ready: 1 } });
    expect(await row(old)).toBeUndefined();
  });

  it('an expired image is kept if an upload arrived for it after all', async () => {
    const revived = await image('expired', { updated_at: ago('2 days') });
    const { bucket } = testSweep.dependencies;
    await sweep({
      bucket: {
        ...bucket,
        deleteAt: async (places, signal) => {
          await testSweep.db.admin.query("update image set status = 'queued' where id = $1", [revived]);
          return bucket.deleteAt(places, signal);
        },
      },
    });
    expect(await row(revived)).toMatchObject({ status: 'queued' });
  });
});

describe('later uploads with the same ticket', () => {
  it('later uploads with a ticket are deleted from the bucket, the first is kept, and their records are deleted', async () => {
    const id = await image('ready');
    const key = incomingKey({ tenant: 'alpha', imageId: id });
    const first = await put(key);
    const later = [await put(key), await put(key)];
    for (const version of later)
      await testSweep.db.admin.query('insert into extra_upload (image_id, version_id) values ($1, $2)', [
        id,
        version,
      ]);
    expect(await sweep()).toMatchObject({ extraUploads: { removed: 2 } });
    expect(await testSweep.bucket.findFirstUpload(key)).toMatchObject({ version: first, later: [] });
    expect((await testSweep.db.admin.query('select from extra_upload')).rowCount).toBe(0);
  });
});

describe('idempotency keys', () => {
  it('expired idempotency keys are deleted', async () => {
    for (const [key, expires] of [
      ['old', ago('1 second')],
      ['new', "now() + interval '1 hour'"],
    ])
      await testSweep.db.admin.query(
        `insert into idempotency_key (tenant_id, key, request_sha256, locked_until, expires_at)
         values ('alpha', $1, ''::bytea, now(), ${expires})`,
        [key],
      );
    expect(await sweep()).toMatchObject({ expiredKeys: { removed: 1 } });
    const { rows } = await testSweep.db.admin.query('select key from idempotency_key');
    expect(rows).toEqual([{ key: 'new' }]);
  });
});

describe('use of quotas', () => {
  it('use and returns of months that no window counts are removed, and the others are kept', async () => {
    const { admin } = testSweep.db;
    await admin.query(
      `insert into quota_use (tenant_id, resource, day) values ('alpha', 'images', now() - interval '3 months'),
         ('alpha', 'bytes', now())`,
    );
    await admin.query(
      `insert into quota_return values ('alpha', 'bytes', 1, now() - interval '2 months', now()),
         ('nobody', 'bytes', 1, now() - interval '2 months', now()), ('alpha', 'bytes', 1, (now() at time zone 'UTC')::date, now())`,
    );
    expect(await sweep()).toMatchObject({ oldQuotas: { removed: 3 } });
    expect(await sweep()).toMatchObject({ oldQuotas: { removed: 0 } });
    const kept = await admin.query(
      'select resource from quota_use union all select resource from quota_return',
    );
    expect(kept.rows).toEqual([{ resource: 'bytes' }, { resource: 'bytes' }]);
  });
});
