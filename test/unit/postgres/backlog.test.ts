import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { commitResults } from '../../../lambda/postgres/images/commit.ts';
import { markDeleted } from '../../../lambda/postgres/images/deletion.ts';
import { abandonDirectUpload } from '../../../lambda/postgres/images/direct-uploads.ts';
import { insertTicket } from '../../../lambda/postgres/images/tickets.ts';
import { patience } from '../../support/pace.ts';
import { clearBacklog, openSession, rollUp, sync } from './backlog-state.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(() => clearBacklog(db));

const deltas = async () => (await db.admin.query('select * from work_delta')).rows;
const issue = (more: object = {}) =>
  db.as('sluice_api').run((connection) =>
    insertTicket(
      connection,
      {
        id: randomUUID(),
        tenant: 'alpha',
        contentType: 'image/png',
        bytes: 1,
        presets: ['small'],
        metadata: {},
        ticketSeconds: 900,
        ...more,
      },
      { claim: undefined },
    ),
  );
describe('the snapshot', () => {
  it('has work and unused tickets of each tenant, in images and in photographs', async () => {
    await insertImage(db.admin, { values: { work: 0.25 } });
    await insertImage(db.admin, { values: { status: 'processing', work: 4 } });
    await insertImage(db.admin, { values: { status: 'ready' } });
    await insertImage(db.admin, { values: { tenant_id: 'beta', status: 'expired' } });
    await issue({ tenant: 'beta', work: 2.5 });
    const { tenants, total } = await rollUp(db);
    expect([...tenants]).toEqual(
      expect.arrayContaining([
        ['alpha', { images: 2, work: 4.25, tickets: 0, ticketWork: 0 }],
        ['beta', { images: 0, work: 0, tickets: 1, ticketWork: 2.5 }],
      ]),
    );
    expect(total).toEqual({ images: 2, work: 4.25, tickets: 1, ticketWork: 2.5 });
  });

  it('has the place of a deleted image and of an abandoned upload no more', async () => {
    const queued = await insertImage(db.admin);
    await issue({ id: randomUUID() });
    const abandoned = await issue({ id: randomUUID() });
    expect((await rollUp(db)).total).toMatchObject({ images: 1, tickets: 2 });
    if (abandoned.outcome !== 'inserted') throw new Error('no ticket');
    await db.as('sluice_api').run(async (connection) => {
      await markDeleted(connection, { tenant: 'alpha', imageId: queued });
      await abandonDirectUpload(connection, { tenant: 'alpha', imageId: abandoned.imageId });
    });
    expect((await rollUp(db)).total).toMatchObject({ images: 0, tickets: 1 });
  });

  it('has the place of an expired ticket no more, although no one wrote its row', async () => {
    await issue({ ticketSeconds: Math.ceil(patience(2_000) / 1_000) });
    await issue({ ticketSeconds: 900 });
    expect((await rollUp(db)).total.tickets).toBe(2);
    await expect.poll(async () => (await rollUp(db)).total.tickets, { timeout: patience(20_000) }).toBe(1);
    const { rows } = await db.admin.query('select status from image');
    expect(rows).toEqual([{ status: 'awaiting_upload' }, { status: 'awaiting_upload' }]);
    // The sweep's write, later, takes nothing twice.
    await db.admin.query("update image set status = 'expired' where ticket_expires_at < now()");
    expect((await rollUp(db)).total.tickets).toBe(1);
  });

  it('is as of the last roll-up, and the next comes no sooner than in 0.9 seconds', async () => {
    await insertImage(db.admin);
    // At once, in one message: the machine may be slow.
    const results = (await db.admin.query(
      `update backlog_roll_up set rolled_at = clock_timestamp();
       select tenants from sync_backlog('one', null, null)`,
    )) as unknown as { rows: object[] }[];
    expect(results[1]?.rows).toEqual([{ tenants: [] }]);
    await db.admin.query("update backlog_roll_up set rolled_at = clock_timestamp() - interval '0.9 seconds'");
    expect((await sync(db, 'one')).total.images).toBe(1);
  });

  it('rolls up although the clock has gone back', async () => {
    await insertImage(db.admin);
    await db.admin.query("update backlog_roll_up set rolled_at = clock_timestamp() + interval '1 hour'");
    expect((await sync(db, 'one')).total.images).toBe(1);
    expect((await db.admin.query('select from drain_interval')).rowCount).toBe(0);
  });

  it('counts the environments that used their session in the last minute', async () => {
    // Those of other tests end. Without any, as with one, the count is 1.
    const sessions =
      "select from pg_stat_activity where usename = 'sluice_api' and datname = current_database()";
    await expect
      .poll(async () => (await db.admin.query(sessions)).rowCount, { timeout: patience(10_000) })
      .toBe(0);
    expect((await rollUp(db, 'sluice_sweep')).environments).toBe(1);
    const open = [1, 2, 3].map(() => keepOpen(db.options('sluice_api')));
    for (const one of open) await one.run((connection) => connection.query('select 1'));
    expect((await rollUp(db, 'sluice_sweep')).environments).toBe(3);
    for (const one of open) await one.close();
  });
});

describe('10,000 idle tenants', () => {
  it('have no rows', async () => {
    await db.admin.query("insert into tenant select 'idle-' || n from generate_series(1, 10000) n");
    await db.admin.query(
      `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at)
       select uuidv7(), 'idle-' || n, 'queued', 'image/png', 1, '{small}', now() from generate_series(1, 10000) n`,
    );
    expect((await rollUp(db)).tenants.size).toBe(10_000);
    await db.admin.query("update image set status = 'ready'");
    expect((await rollUp(db)).tenants.size).toBe(0);
    for (const table of ['tenant_backlog', 'ticket_expiry', 'work_delta']) {
      const { rowCount } = await db.admin.query(`select from ${table} where tenant_id like 'idle%'`);
      expect(rowCount, table).toBe(0);
    }
  });
});

describe('a write', () => {
  it('leaves its deltas or none, as it commits or not', async () => {
    const writer = await openSession(db);
    await writer.query('begin');
    await insertImage(writer);
    await writer.query('rollback');
    expect(await deltas()).toEqual([]);
    await writer.query('begin');
    await insertImage(writer);
    await insertImage(writer);
    expect((await rollUp(db)).total.images).toBe(0);
    await writer.query('commit');
    // The writer is gone, and so is every environment.
    await db.admin.query('select pg_terminate_backend($1)', [
      (writer as unknown as { processID: number }).processID,
    ]);
    expect((await rollUp(db)).total.images).toBe(2);
  });

  it('of a batch in one statement of several parts is counted whole and once', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) ids.push(await insertImage(db.admin, { values: { work: 2 } }));
    const [done = '', released = '', rejected = '', begun = ''] = ids;
    await rollUp(db);
    await db.as('sluice_process').run(async (connection) => {
      await claimImages(
        connection,
        ids.map((imageId) => ({ imageId, tenant: 'alpha' })),
        { leaseSeconds: 60, maxAttempts: 3, alone: false, beginning: 3 },
      );
      // Queued or processing, it is the same work.
      expect((await deltas()).filter(({ tenant_id }) => tenant_id !== null)).toEqual([]);
      const original = { contentType: 'image/png', bytes: 1, width: 1, height: 1, frames: 1 } as const;
      await commitResults(
        connection,
        [
          {
            imageId: done,
            attempt: 1,
            outcome: 'ready',
            original,
            placeholder: { color: '#000000' },
            variants: [],
          },
          { imageId: released, attempt: 1, outcome: 'released', counted: false },
          { imageId: rejected, attempt: 1, outcome: 'rejected', code: 'corrupt_image', detail: '' },
        ],
        { maxAttempts: 3, beginning: [{ imageId: begun, attempt: 1 }] },
      );
    });
    expect((await deltas()).filter(({ tenant_id }) => tenant_id !== null)).toMatchObject([
      { tenant_id: 'alpha', images: -2, work: '-4000', tickets: 0, ended_images: 2, ended_work: '4000' },
    ]);
    expect((await rollUp(db)).total).toMatchObject({ images: 2, work: 4 });
  });

  it('that redrives a failed image adds it to the work and takes nothing from what ended', async () => {
    const imageId = await insertImage(db.admin, { values: { status: 'failed', attempt: 4 } });
    await db.as('sluice_process').run((connection) =>
      claimImages(connection, [{ imageId, tenant: 'alpha', failedAttempt: 4 }], {
        leaseSeconds: 60,
        maxAttempts: 9,
        alone: true,
        beginning: 3,
      }),
    );
    expect(await deltas()).toMatchObject([{ images: 1, ended_images: 0, ended_work: '0' }]);
  });

  it('that changes nothing leaves no delta', async () => {
    const id = await insertImage(db.admin, { values: { status: 'ready' } });
    await db.admin.query('update image set metadata = \'{"a": "b"}\', deleted_at = now() where id = $1', [
      id,
    ]);
    await db.admin.query('delete from image where id = $1', [id]);
    expect(await deltas()).toEqual([]);
  });

  it('by hand is counted too', async () => {
    await insertImage(db.admin);
    await insertImage(db.admin, { values: { status: 'awaiting_upload' } });
    await rollUp(db);
    await db.admin.query('delete from image');
    expect((await rollUp(db)).tenants.size).toBe(0);
  });
});

describe('a role', () => {
  it.each([
    ['sluice_api', "insert into work_delta (tenant_id, images) values ('alpha', -1)"],
    ['sluice_api', 'select from tenant_backlog'],
    ['sluice_api', 'select roll_up_backlog(now())'],
    ['sluice_api', 'select from reconcile_backlog(0)'],
    ['sluice_process', "select from sync_backlog('one', null, null)"],
    ['sluice_process', 'delete from work_delta'],
    ['sluice_sweep', 'update tenant_backlog set images = 0'],
    ['sluice_operate', "select from sync_backlog('one', null, null)"],
  ])('%s cannot run "%s": only triggers and roll-ups count', async (role, statement) => {
    await expect(db.as(role).run((connection) => connection.query(statement))).rejects.toMatchObject({
      code: '42501',
    });
  });
});
