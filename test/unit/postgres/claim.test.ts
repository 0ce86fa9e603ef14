import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimImages, type Wanted } from '../../../lambda/postgres/claim.ts';
import { connect } from '../../../lambda/postgres/connection.ts';
import { type Bench, insertImage, openBench, readImage } from './rows.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

const terms = { leaseSeconds: 60, maxAttempts: 3 };
const want = (imageId: string, more: Partial<Wanted> = {}): Wanted => ({
  imageId,
  tenant: 'alpha',
  redriven: false,
  ...more,
});
const claim = (...wanted: Wanted[]) =>
  bench.as('sluice_process').run((connection) => claimImages(connection, wanted, terms));

describe('claiming a batch', () => {
  it('answers in the order of the question, one answer for each', async () => {
    const queued = await insertImage(bench.admin);
    const ready = await insertImage(bench.admin, { values: { status: 'ready' } });
    const rejected = await insertImage(bench.admin, { values: { status: 'rejected' } });
    const deleted = await insertImage(bench.admin, { sql: { deleted_at: 'now()' } });
    const unknown = randomUUID();
    const claims = await claim(want(ready), want(unknown), want(queued), want(deleted), want(rejected));
    expect(claims.map(({ imageId, outcome }) => [imageId, outcome])).toEqual([
      [ready, 'finished'],
      [unknown, 'missing'],
      [queued, 'claimed'],
      [deleted, 'missing'],
      [rejected, 'finished'],
    ]);
  });

  it('hands out what the worker needs and sets the lease by the clock of the database', async () => {
    const declared_sha256 = 'ab'.repeat(32);
    const id = await insertImage(bench.admin, { values: { presets: ['small', 'large'], declared_sha256 } });
    const [first] = await claim(want(id));
    expect(first).toMatchObject({
      outcome: 'claimed',
      imageId: id,
      tenant: 'alpha',
      attempt: 1,
      failures: 0,
      presets: ['small', 'large'],
      declaredSha256: declared_sha256,
    });
    const row = await readImage(bench.admin, id);
    expect(row).toMatchObject({ status: 'processing', attempt: 1 });
    expect(row.lease).toBeGreaterThan(50);
    expect(row.lease).toBeLessThanOrEqual(60);
  });

  it.each(['awaiting_upload', 'queued', 'expired'])('claims an image that is %s', async (status) => {
    const id = await insertImage(bench.admin, { values: { status } });
    expect(await claim(want(id))).toMatchObject([{ outcome: 'claimed' }]);
  });

  it("finds nothing under another tenant's name, also beside its own", async () => {
    const id = await insertImage(bench.admin);
    expect(await claim(want(id, { tenant: 'beta' }))).toMatchObject([{ outcome: 'missing' }]);
    expect(await readImage(bench.admin, id)).toMatchObject({ status: 'queued', attempt: 0 });
    expect(await claim(want(id, { tenant: 'beta' }), want(id))).toMatchObject([
      { outcome: 'missing', tenant: 'beta' },
      { outcome: 'claimed', tenant: 'alpha' },
    ]);
  });

  it('says how long another worker still holds the lease, and leaves it to him', async () => {
    const id = await insertImage(bench.admin);
    await claim(want(id));
    const [second] = await claim(want(id));
    expect(second?.outcome).toBe('busy');
    expect((second as { leaseSeconds: number }).leaseSeconds).toBeGreaterThan(50);
    expect(await readImage(bench.admin, id)).toMatchObject({ attempt: 1, failures: 0 });
  });
});

describe('an image whose worker died', () => {
  const dead = (failures: number) =>
    insertImage(bench.admin, {
      values: { status: 'processing', attempt: 4, failures },
      sql: { lease_expires_at: "now() - interval '1 second'" },
    });

  it('is claimed again, and the death counts', async () => {
    const id = await dead(1);
    expect(await claim(want(id))).toMatchObject([{ outcome: 'claimed', attempt: 5, failures: 2 }]);
    expect(await readImage(bench.admin, id)).toMatchObject({ failures: 2, status: 'processing' });
  });

  it('ends as failed at the last attempt it has', async () => {
    const id = await dead(2);
    expect(await claim(want(id))).toMatchObject([{ outcome: 'failed' }]);
    expect(await readImage(bench.admin, id)).toMatchObject({
      status: 'failed',
      failures: 3,
      attempt: 5,
      error_code: 'internal',
      lease_expires_at: null,
    });
  });
});

describe('a failed image', () => {
  it('stays failed while its message is on its way to the dead-letter queue', async () => {
    const id = await insertImage(bench.admin, { values: { status: 'failed', failures: 3 } });
    expect(await claim(want(id))).toMatchObject([{ outcome: 'failed' }]);
    expect(await readImage(bench.admin, id)).toMatchObject({ status: 'failed', attempt: 0 });
  });

  it('starts over when its message is redriven', async () => {
    const id = await insertImage(bench.admin, { values: { status: 'failed', failures: 3, attempt: 7 } });
    expect(await claim(want(id, { redriven: true }))).toMatchObject([
      { outcome: 'claimed', attempt: 8, failures: 0 },
    ]);
    expect(await readImage(bench.admin, id)).toMatchObject({ status: 'processing', error_code: null });
  });
});

describe('two workers at once', () => {
  it('never hold the same image, whatever the order of their batches', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1) ids.push(await insertImage(bench.admin));
    const both = await Promise.all([
      claim(...ids.map((id) => want(id))),
      claim(...ids.toReversed().map((id) => want(id))),
    ]);
    const outcomes = both.flat().filter(({ outcome }) => outcome === 'claimed');
    expect(outcomes).toHaveLength(10);
    expect(new Set(outcomes.map(({ imageId }) => imageId)).size).toBe(10);
    expect(both.flat().filter(({ outcome }) => outcome === 'busy')).toHaveLength(10);
  });

  it('wait for each other and decide on what the other one wrote', async () => {
    const id = await insertImage(bench.admin);
    const first = await connect(bench.options('sluice_process'));
    await first.query('begin');
    expect(await claimImages(first, [want(id)], terms)).toMatchObject([{ outcome: 'claimed' }]);
    const second = claim(want(id));
    await expect
      .poll(async () => {
        const { rows } = await bench.admin.query(
          "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        );
        return rows.length;
      })
      .toBe(1);
    await first.query('commit');
    await first.close();
    expect(await second).toMatchObject([{ outcome: 'busy' }]);
    expect(await readImage(bench.admin, id)).toMatchObject({ attempt: 1 });
  });
});
