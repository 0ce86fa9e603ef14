import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../lambda/postgres/connection/connection.ts';
import { type ClaimTerms, claimImages } from '../../../lambda/postgres/images/claim.ts';
import { insertImage, openTestDb, readImage, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const terms = { leaseSeconds: 60, maxAttempts: 3, alone: false, beginning: 3 };
type Wanted = Parameters<typeof claimImages>[1][number];
const want = (imageId: string, more: Partial<Wanted> = {}) => ({ imageId, tenant: 'alpha', ...more });
const claimBy = (more: Partial<ClaimTerms>, ...wanted: Wanted[]) =>
  db.as('sluice_process').run((connection) => claimImages(connection, wanted, { ...terms, ...more }));
const claim = (...wanted: Wanted[]) => claimBy({}, ...wanted);
const claimAlone = (...wanted: Wanted[]) => claimBy({ alone: true }, ...wanted);

async function waitingForLocks(): Promise<number> {
  const { rows } = await db.admin.query(
    "select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
  );
  return rows.length;
}

describe('claiming a batch', () => {
  it('claims are returned in the order of the request, one for each image', async () => {
    const queued = await insertImage(db.admin);
    const ready = await insertImage(db.admin, { values: { status: 'ready' } });
    const rejected = await insertImage(db.admin, { values: { status: 'rejected' } });
    const deleted = await insertImage(db.admin, { sql: { deleted_at: 'now()' } });
    const unknown = randomUUID();
    const claims = await claim(want(ready), want(unknown), want(queued), want(deleted), want(rejected));
    expect(claims.map(({ imageId, outcome }) => [imageId, outcome])).toEqual([
      [ready, 'ready'],
      [unknown, 'missing'],
      [queued, 'claimed'],
      [deleted, 'missing'],
      [rejected, 'rejected'],
    ]);
  });

  it('a claim returns what the worker needs and sets the lease by the clock of the database', async () => {
    const declared_sha256 = 'ab'.repeat(32);
    const id = await insertImage(db.admin, { values: { presets: ['small', 'large'], declared_sha256 } });
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
    const row = await readImage(db.admin, id);
    expect(row).toMatchObject({ status: 'processing', attempt: 1 });
    expect(row.lease).toBeGreaterThan(50);
    expect(row.lease).toBeLessThanOrEqual(60);
  });

  it.each(['awaiting_upload', 'queued', 'expired'])('an image that is %s can be claimed', async (status) => {
    const id = await insertImage(db.admin, { values: { status } });
    expect(await claim(want(id))).toMatchObject([{ outcome: 'claimed' }]);
  });

  it('a claim finds nothing under another tenant, even together with its own', async () => {
    const id = await insertImage(db.admin);
    expect(await claim(want(id, { tenant: 'beta' }))).toMatchObject([{ outcome: 'missing' }]);
    expect(await readImage(db.admin, id)).toMatchObject({ status: 'queued', attempt: 0 });
    expect(await claim(want(id, { tenant: 'beta' }), want(id))).toMatchObject([
      { outcome: 'missing', tenant: 'beta' },
      { outcome: 'claimed', tenant: 'alpha' },
    ]);
  });

  it('a claim returns how long another worker still holds the lease, and leaves it', async () => {
    const id = await insertImage(db.admin);
    await claim(want(id));
    const [second] = await claim(want(id));
    expect(second?.outcome).toBe('busy');
    expect((second as { leaseSeconds: number }).leaseSeconds).toBeGreaterThan(50);
    expect(await readImage(db.admin, id)).toMatchObject({ attempt: 1, failures: 0 });
  });
});

describe('the work of a batch', () => {
  it('work begins with the first few images, and the database records which', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 4; count += 1) ids.push(await insertImage(db.admin));
    const ready = await insertImage(db.admin, { values: { status: 'ready' } });
    const claims = await claimBy({ beginning: 2 }, want(ready), ...ids.map((id) => want(id)));
    expect(claims.map((one) => one.outcome === 'claimed' && one.begun)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
    const stages = [];
    for (const id of ids) stages.push((await readImage(db.admin, id)).lease_stage);
    expect(stages).toEqual(['beside', 'beside', 'waiting', 'waiting']);
  });
});

describe('an image whose worker died', () => {
  const dead = (lease_stage: string | null, failures = 1) =>
    insertImage(db.admin, {
      values: { status: 'processing', attempt: 4, failures, lease_stage },
      sql: { lease_expires_at: "now() - interval '1 second'" },
    });

  it('an image that only waited when its worker died is innocent', async () => {
    const id = await dead('waiting', 0);
    expect(await claim(want(id))).toMatchObject([{ outcome: 'claimed', attempt: 5, failures: 0 }]);
  });

  it.each(['beside', 'alone', null])(
    'an image that was in progress when its worker died (%s) is not claimed beside others',
    async (stage) => {
      const id = await dead(stage, 0);
      expect(await claim(want(id))).toMatchObject([{ outcome: 'suspect', deadly: true }]);
      expect(await readImage(db.admin, id)).toMatchObject({ attempt: 4, failures: 0, lease_stage: stage });
    },
  );

  it.each(['beside', null])(
    'an image that was in progress beside others (%s) is claimed alone, and the death is not counted',
    async (stage) => {
      const id = await dead(stage);
      expect(await claimAlone(want(id))).toMatchObject([
        { outcome: 'claimed', attempt: 5, failures: 1, begun: true, alone: true },
      ]);
      expect(await readImage(db.admin, id)).toMatchObject({ lease_stage: 'alone', failures: 1 });
    },
  );

  it('an image that was in progress alone is claimed alone again, and the death counts', async () => {
    const id = await dead('alone');
    expect(await claimAlone(want(id))).toMatchObject([{ outcome: 'claimed', attempt: 5, failures: 2 }]);
    expect(await readImage(db.admin, id)).toMatchObject({ failures: 2, status: 'processing' });
  });

  it.each([claim, claimAlone])(
    'an image ends as failed when its worker dies at its last attempt, whoever claims it',
    async (by) => {
      const id = await dead('alone', 2);
      expect(await by(want(id))).toMatchObject([
        { outcome: 'failed', attempt: 5, failures: 3, deadLettered: false, ended: true },
      ]);
      expect(await readImage(db.admin, id)).toMatchObject({
        status: 'failed',
        failures: 3,
        attempt: 5,
        error_code: 'internal',
        last_error: expect.stringContaining('died'),
        lease_expires_at: null,
        lease_stage: null,
      });
    },
  );

  it('an image that was processed to an end is no longer suspected', async () => {
    const id = await insertImage(db.admin, { values: { lease_stage: null } });
    expect(await claim(want(id))).toMatchObject([{ outcome: 'claimed' }]);
  });
});

describe('an image that failed before', () => {
  it('an image that failed before is claimed only alone, and is not deadly', async () => {
    const id = await insertImage(db.admin, { values: { failures: 1 } });
    expect(await claim(want(id))).toMatchObject([{ outcome: 'suspect', deadly: false }]);
    expect(await claimAlone(want(id))).toMatchObject([{ outcome: 'claimed', failures: 1 }]);
  });

  it('an image that was released as a suspect is deadly', async () => {
    const id = await insertImage(db.admin, { values: { lease_stage: 'beside' } });
    expect(await claim(want(id))).toMatchObject([{ outcome: 'suspect', deadly: true }]);
  });
});

describe('a failed image', () => {
  const failed = (more = {}) =>
    insertImage(db.admin, {
      values: { status: 'failed', failures: 3, attempt: 7, last_error: 'why', ...more },
    });

  it('a failed image stays failed for every message but the one that carries its attempt', async () => {
    const id = await failed();
    for (const failedAttempt of [undefined, 6, 8])
      expect(await claimAlone(want(id, { failedAttempt }))).toMatchObject([
        { outcome: 'failed', attempt: 7, failures: 3, lastError: 'why', deadLettered: false },
      ]);
    expect(await readImage(db.admin, id)).toMatchObject({ status: 'failed', attempt: 7 });
  });

  it('a claim of a failed image returns whether the dead-letter queue has this failure', async () => {
    const [sent, before] = [
      await failed({ dead_lettered_attempt: 7 }),
      await failed({ dead_lettered_attempt: 3 }),
    ];
    expect(await claim(want(sent), want(before))).toMatchObject([
      { deadLettered: true, ended: false },
      { deadLettered: false, ended: false },
    ]);
  });

  it('a failed image starts over alone when its letter returns', async () => {
    const id = await failed({ dead_lettered_attempt: 7 });
    const back = want(id, { failedAttempt: 7 });
    expect(await claim(back)).toMatchObject([{ outcome: 'suspect', deadly: false }]);
    expect(await claimAlone(back)).toMatchObject([{ outcome: 'claimed', attempt: 8, failures: 0 }]);
    expect(await readImage(db.admin, id)).toMatchObject({ status: 'processing', error_code: null });
  });
});

describe('a message about another upload', () => {
  const extras = async (id: string) => {
    const { rows } = await db.admin.query('select version_id from extra_upload where image_id = $1', [id]);
    return rows.map(({ version_id }) => version_id);
  };

  it('a later upload is noted for the sweep once the first one is known', async () => {
    const id = await insertImage(db.admin, { values: { status: 'ready', original_version: 'first' } });
    for (const versions of [['second'], ['second'], ['first'], []]) await claim(want(id, { versions }));
    expect(await extras(id)).toEqual(['second']);
  });

  it('later uploads of a whole batch are noted, by the tenant of the image', async () => {
    const id = await insertImage(db.admin, { values: { status: 'ready', original_version: 'first' } });
    const stranger = want(id, { tenant: 'beta', versions: ['strange'] });
    await claim(want(id, { versions: ['third', 'first', 'second', 'third'] }), stranger);
    expect((await extras(id)).sort()).toEqual(['second', 'third']);
  });

  it('an upload is not noted before the first one is known', async () => {
    const id = await insertImage(db.admin);
    expect(await claim(want(id, { versions: ['any'] }))).toMatchObject([
      { outcome: 'claimed', originalVersion: null },
    ]);
    expect(await extras(id)).toEqual([]);
  });
});

describe('two concurrent workers', () => {
  it('two workers never hold the same image, whatever the order of their batches', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 10; count += 1) ids.push(await insertImage(db.admin));
    const both = await Promise.all([
      claim(...ids.map((id) => want(id))),
      claim(...ids.toReversed().map((id) => want(id))),
    ]);
    const outcomes = both.flat().filter(({ outcome }) => outcome === 'claimed');
    expect(outcomes).toHaveLength(10);
    expect(new Set(outcomes.map(({ imageId }) => imageId)).size).toBe(10);
    expect(both.flat().filter(({ outcome }) => outcome === 'busy')).toHaveLength(10);
  });

  it.each([
    ['as asked', (ids: string[]) => ids],
    ['the other way round', (ids: string[]) => ids.toReversed()],
  ])('claims lock rows in one order, %s, so that they cannot deadlock', async (_, arranged) => {
    const [low = '', high = ''] = [randomUUID(), randomUUID()].sort();
    for (const id of arranged([low, high])) await insertImage(db.admin, { values: { id } });
    const other = await connect(db.options('sluice_process'));
    await other.query('begin');
    await other.query('select from image where id = $1 for update', [low]);
    for (const ids of [
      [low, high],
      [high, low],
    ]) {
      const waiting = claim(...ids.map((id) => want(id)));
      await expect.poll(() => waitingForLocks()).toBe(1);
      // Whoever waits for the first row holds no later one.
      const { rows } = await other.query('select from image where id = $1 for update skip locked', [high]);
      expect(rows).toHaveLength(1);
      await other.query('rollback');
      await waiting;
      await db.admin.query("update image set status = 'queued' where id = any($1::uuid[])", [ids]);
      await other.query('begin');
      await other.query('select from image where id = $1 for update', [low]);
    }
    await other.close();
  });

  it('concurrent claims wait for each other and decide on what the other one wrote', async () => {
    const id = await insertImage(db.admin);
    const first = await connect(db.options('sluice_process'));
    await first.query('begin');
    expect(await claimImages(first, [want(id)], terms)).toMatchObject([{ outcome: 'claimed' }]);
    const second = claim(want(id));
    await expect.poll(() => waitingForLocks()).toBe(1);
    await first.query('commit');
    await first.close();
    expect(await second).toMatchObject([{ outcome: 'busy' }]);
    expect(await readImage(db.admin, id)).toMatchObject({ attempt: 1 });
  });
});
