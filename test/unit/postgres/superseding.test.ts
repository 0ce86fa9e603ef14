import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { commitResults } from '../../../lambda/postgres/images/commit.ts';
import { markDeleted } from '../../../lambda/postgres/images/deletion.ts';
import { finishDirectUpload } from '../../../lambda/postgres/images/direct-uploads.ts';
import { markUploaded } from '../../../lambda/postgres/images/mark-uploaded.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(() => db.admin.query('truncate image cascade'));

const tenant = 'alpha';
const terms = { leaseSeconds: 60, maxAttempts: 3, alone: false, beginning: 3 };
const claim = (...ids: string[]) =>
  db.as('sluice_process').run((c) =>
    claimImages(
      c,
      ids.map((imageId) => ({ imageId, tenant })),
      terms,
    ),
  );
const statusOf = async (id: string) =>
  (await db.admin.query('select status, superseded_by as by, attempt from image where id = $1', [id]))
    .rows[0];

let turn = 0;
/** Ids of tickets in their order. */
const nextId = () => `${(++turn).toString(16).padStart(8, '0')}${randomUUID().slice(8)}`;
const ticket = (status = 'awaiting_upload', values: object = {}, sql: Record<string, string> = {}) =>
  insertImage(db.admin, { values: { id: nextId(), status, replaces: 'avatar/42', ...values }, sql });

describe('a name of which a newer file arrives', () => {
  it('an unused newer ticket ends nothing, and the claim names it', async () => {
    const [older, newer] = [await ticket('queued'), await ticket()];
    expect(await claim(older)).toMatchObject([{ outcome: 'claimed', newerTickets: [newer] }]);
  });

  it('the three newest tickets are named, newest first, and none of an older ticket or another name', async () => {
    await ticket();
    const older = await ticket('queued');
    const newer = [await ticket(), await ticket(), await ticket(), await ticket()];
    await ticket('awaiting_upload', { replaces: 'avatar/43' });
    await ticket('awaiting_upload', { tenant_id: 'beta' });
    await ticket('expired');
    expect(await claim(older)).toMatchObject([{ newerTickets: newer.reverse().slice(0, 3) }]);
  });

  it.each([
    ['its direct upload ends', 'queued', (id: string) => finish(id)],
    ['a client reads it', 'queued', (id: string) => notice(id)],
    ['a worker claims it', 'awaiting_upload', (id: string) => claim(id)],
  ])('queued older images end when %s, and only those', async (_, status, arrive) => {
    const older = [await ticket('queued'), await ticket('queued', { lease_stage: 'beside' })];
    const others = [
      await ticket('awaiting_upload'),
      await ticket('processing', {}, { lease_expires_at: "now() + interval '1 minute'" }),
      await ticket('ready'),
      await ticket('rejected'),
      await ticket('queued', { replaces: 'avatar/43' }),
      await ticket('queued', { replaces: null }),
      await ticket('queued', { tenant_id: 'beta' }),
      await ticket('queued', {}, { deleted_at: 'now()' }),
    ];
    const newer = await ticket();
    const newest = await ticket(status);
    const before = await Promise.all(others.map(statusOf));
    await arrive(newer);
    for (const id of older) expect(await statusOf(id)).toMatchObject({ status: 'superseded', by: newer });
    expect(await Promise.all(others.map(statusOf))).toEqual(before);
    expect(await statusOf(newest)).toMatchObject({ status });
  });

  it('each older image is counted once, by the arrival that ended it', async () => {
    await ticket('queued');
    const [first, second] = [await ticket(), await ticket()];
    expect(await finish(first)).toBe(1);
    expect(await finish(first)).toBe(0);
    expect(await claim(second)).toMatchObject([{ outcome: 'claimed', overtaken: 1 }]);
    expect(await claim(first)).toMatchObject([{ outcome: 'superseded', supersededBy: second, ended: false }]);
  });
});

const finish = (imageId: string) =>
  db.as('sluice_api').run((c) => finishDirectUpload(c, { tenant, imageId }));
const notice = (imageId: string) => db.as('sluice_api').run((c) => markUploaded(c, { tenant, imageId }));

describe('the claim of an older image', () => {
  it.each(['queued', 'processing', 'ready', 'rejected', 'failed', 'superseded'])(
    'it ends as superseded when a newer one is %s: a later failure brings nothing back',
    async (status) => {
      const older = await ticket();
      await ticket(status);
      const newest = await ticket(status);
      expect(await claim(older)).toMatchObject([
        { outcome: 'superseded', supersededBy: newest, ended: true },
      ]);
      expect(await statusOf(older)).toMatchObject({ status: 'superseded', by: newest, attempt: 1 });
      expect(await claim(older)).toMatchObject([{ outcome: 'superseded', ended: false }]);
      expect(await statusOf(older)).toMatchObject({ attempt: 1 });
    },
  );

  it('it is processed when the newer one was deleted before, expired, or is another tenant’s', async () => {
    const older = await ticket('queued');
    const newer = await ticket('queued');
    await db.as('sluice_api').run((c) => markDeleted(c, { tenant, imageId: newer }));
    await ticket('expired');
    await ticket('ready', { tenant_id: 'beta' });
    expect(await claim(older)).toMatchObject([{ outcome: 'claimed', newerTickets: [] }]);
  });

  it('it stays superseded when the newer one is deleted afterwards', async () => {
    const [older, newer] = [await ticket('queued'), await ticket('queued')];
    await claim(newer);
    await db.as('sluice_api').run((c) => markDeleted(c, { tenant, imageId: newer }));
    expect(await claim(older)).toMatchObject([{ outcome: 'superseded', supersededBy: newer }]);
  });

  it('a ready older image stays as it is', async () => {
    const [older, newer] = [await ticket('ready'), await ticket('queued')];
    expect(await claim(older, newer)).toMatchObject([{ outcome: 'ready' }, { outcome: 'claimed' }]);
  });

  it.each(['forth', 'back'])(
    'of one batch only the newest is claimed, %s: its message tells that the file has arrived',
    async (order) => {
      const outside = await ticket('queued');
      const ids = [await ticket('queued'), await ticket(), await ticket('queued'), await ticket('expired')];
      const claims = await claim(...(order === 'forth' ? ids : ids.toReversed()));
      const [claimed, ...older] = order === 'forth' ? claims.toReversed() : claims;
      expect(claimed).toMatchObject({ outcome: 'claimed', overtaken: 1 });
      for (const one of older)
        expect(one).toMatchObject({ outcome: 'superseded', supersededBy: ids[3], ended: true });
      for (const id of [outside, ...ids.slice(0, 3)])
        expect(await statusOf(id)).toMatchObject({ status: 'superseded', by: ids[3] });
    },
  );

  it('an older image that another statement holds is not waited for, and ends at its claim', async () => {
    const [older, newer] = [await ticket('queued'), await ticket('queued')];
    await db.admin.query('begin');
    await db.admin.query('select from image where id = $1 for update', [older]);
    expect(await claim(newer)).toMatchObject([{ outcome: 'claimed', overtaken: 0 }]);
    await db.admin.query('commit');
    expect(await claim(older)).toMatchObject([{ outcome: 'superseded', supersededBy: newer }]);
  });

  it('an image whose worker died is not tried again, and the dead worker commits nothing', async () => {
    const older = await ticket('queued');
    await claim(older);
    await db.admin.query("update image set lease_expires_at = now() - interval '1 s' where id = $1", [older]);
    const newer = await ticket('queued');
    expect(await claim(older)).toMatchObject([{ outcome: 'superseded', supersededBy: newer }]);
    const late = { imageId: older, attempt: 1, outcome: 'rejected', code: 'x', detail: '' } as const;
    expect(await commit(late)).toMatchObject([{ state: 'fenced' }]);
    expect(await statusOf(older)).toMatchObject({ status: 'superseded' });
  });

  it('the one in progress may finish: its work has been paid for', async () => {
    const older = await ticket('queued');
    await claim(older);
    const newer = await ticket('queued');
    await claim(newer);
    expect(await claim(older)).toMatchObject([{ outcome: 'busy' }]);
    const result = { imageId: older, attempt: 1, outcome: 'rejected', code: 'x', detail: '' } as const;
    expect(await commit(result)).toMatchObject([{ state: 'written' }]);
  });

  it('an older and a newer image claimed at once by batches that cross neither wait for each other nor both lose', async () => {
    for (let round = 0; round < 20; round += 1) {
      const name = `race/${round}`;
      const ids = [];
      for (let one = 0; one < 4; one += 1) ids.push(await ticket('queued', { replaces: name }));
      const [a, b, c, d] = ids as [string, string, string, string];
      await Promise.all([claim(a, c), claim(d, b), finish(c), claim(b, d)]);
      const states = await Promise.all(ids.map(statusOf));
      expect(states[3]).toMatchObject({ status: 'processing', by: null });
      for (const state of states) expect(['processing', 'superseded']).toContain(state.status);
      for (const state of states) expect(state.status === 'superseded').toBe(state.by !== null);
    }
  });
});

const commit = (result: Parameters<typeof commitResults>[1][number]) =>
  db.as('sluice_process').run((c) => commitResults(c, [result], { maxAttempts: 3 }));

describe('the commit of an image that the worker found superseded', () => {
  it('it ends the image once, and a repetition says so', async () => {
    const [older, newer] = [await ticket('queued'), await ticket()];
    await claim(older);
    const result = { imageId: older, attempt: 1, outcome: 'superseded', supersededBy: newer } as const;
    for (let times = 0; times < 2; times += 1)
      expect(await commit(result)).toMatchObject([{ state: 'written' }]);
    expect(await statusOf(older)).toMatchObject({ status: 'superseded', by: newer });
  });
});
