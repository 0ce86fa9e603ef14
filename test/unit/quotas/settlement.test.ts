import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { commitResults, type JobResult } from '../../../lambda/postgres/images/commit.ts';
import { markDeleted } from '../../../lambda/postgres/images/deletion.ts';
import { markExpired } from '../../../lambda/postgres/images/stalled.ts';
import { insertImage, openTestDb, type TestDb } from '../postgres/rows.ts';

/* What an image was charged comes back when it ends, whoever ends it, and once. */

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const charge = { day: '2026-11-29', images: 1, bytes: 1_000, megapixels: 64 };
const terms = { leaseSeconds: 60, maxAttempts: 5, alone: false, beginning: 10 };

/** A charged image of a tenant of its own. */
async function charged(status: string, more: Record<string, unknown> = {}) {
  const tenant = `tenant-${randomUUID()}`;
  await db.admin.query('insert into tenant (id) values ($1)', [tenant]);
  const imageId = await insertImage(db.admin, {
    values: { tenant_id: tenant, status, charge: JSON.stringify(charge), ...more },
  });
  const as = async (role: string, work: Parameters<ReturnType<TestDb['as']>['run']>[0]) => {
    const database = db.as(role);
    try {
      return await database.run(work);
    } finally {
      await database.close();
    }
  };
  const commit = async (result: (attempt: number) => Partial<JobResult>) => {
    await as('sluice_process', async (connection) => {
      const [claim] = await claimImages(connection, [{ imageId, tenant }], terms);
      if (claim?.outcome !== 'claimed') throw new Error(`not claimed: ${claim?.outcome}`);
      const { attempt } = claim;
      await commitResults(connection, [{ imageId, attempt, ...result(attempt) } as JobResult], {
        maxAttempts: 5,
      });
    });
  };
  const returned = async () => {
    const { rows } = await db.admin.query<{ resource: string; amount: number }>(
      `select resource, sum(amount)::float8 as amount from quota_return
       where tenant_id = $1 and day = '2026-11-29' group by resource`,
      [tenant],
    );
    return Object.fromEntries(rows.map(({ resource, amount }) => [resource, amount]));
  };
  return { tenant, imageId, as, commit, returned };
}

const ready =
  (width: number, height: number, frames = 1) =>
  () => ({
    outcome: 'ready' as const,
    original: { contentType: 'image/jpeg', bytes: 1_000, width, height, frames },
    placeholder: { color: '#000000' },
    variants: [],
  });

describe('what an image was charged', () => {
  it('a ready image keeps the megapixels that it has', async () => {
    const { commit, returned } = await charged('queued');
    await commit(ready(4_000, 3_000) as never);
    expect(await returned()).toEqual({ megapixels: 52 });
  });

  it('frames of an animation count', async () => {
    const { commit, returned } = await charged('queued');
    await commit(ready(1_000, 1_000, 10) as never);
    expect(await returned()).toEqual({ megapixels: 54 });
  });

  it('a rejected or failed image gives back its megapixels, not its place and bytes', async () => {
    const rejected = await charged('queued');
    await rejected.commit(() => ({ outcome: 'rejected', code: 'corrupt_image', detail: 'x' }));
    expect(await rejected.returned()).toEqual({ megapixels: 64 });
    const failed = await charged('queued');
    await failed.commit(() => ({ outcome: 'released', counted: true, final: true }));
    expect(await failed.returned()).toEqual({ megapixels: 64 });
  });

  it('a retried image keeps its reservation', async () => {
    const { commit, returned } = await charged('queued');
    await commit(() => ({ outcome: 'released', counted: false }));
    expect(await returned()).toEqual({});
  });

  it('an expired ticket gives back everything, once, even if its file arrives later', async () => {
    const { imageId, as, commit, returned } = await charged('awaiting_upload');
    await as('sluice_sweep', (connection) => markExpired(connection, [imageId]));
    expect(await returned()).toEqual({ images: 1, bytes: 1_000, megapixels: 64 });
    await commit(ready(1_000, 1_000) as never);
    expect(await returned()).toEqual({ images: 1, bytes: 1_000, megapixels: 64 });
  });

  it.each(['awaiting_upload', 'queued'])(
    'a DELETE of an image that is %s gives back its megapixels only',
    async (status) => {
      const { tenant, imageId, as, returned } = await charged(status);
      await as('sluice_api', (connection) => markDeleted(connection, { tenant, imageId }));
      await as('sluice_api', (connection) => markDeleted(connection, { tenant, imageId }));
      expect(await returned()).toEqual({ megapixels: 64 });
    },
  );

  it('a DELETE of an image in progress gives back nothing, because it is being decoded', async () => {
    const { tenant, imageId, as, returned } = await charged('processing', {
      lease_expires_at: new Date(Date.now() + 60_000),
    });
    await as('sluice_api', (connection) => markDeleted(connection, { tenant, imageId }));
    expect(await returned()).toEqual({});
  });

  it('a DELETE of a ready image gives back nothing more', async () => {
    const { tenant, imageId, as, commit, returned } = await charged('queued');
    await commit(ready(4_000, 3_000) as never);
    await as('sluice_api', (connection) => markDeleted(connection, { tenant, imageId }));
    expect(await returned()).toEqual({ megapixels: 52 });
  });

  it('an image without a charge returns nothing', async () => {
    const { commit, returned } = await charged('queued', { charge: null });
    await commit(ready(4_000, 3_000) as never);
    expect(await returned()).toEqual({});
  });
});
