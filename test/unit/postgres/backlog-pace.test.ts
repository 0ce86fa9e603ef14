import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { clearBacklog, rollUp } from './backlog-state.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(() => clearBacklog(db));

describe('the pace of the workers', () => {
  const queue = (count: number, seconds: number) =>
    db.admin.query(
      `insert into image (id, tenant_id, status, declared_type, declared_bytes, presets, ticket_expires_at, enqueued_at)
       select uuidv7(), 'alpha', 'queued', 'image/png', 1, '{small}', now(), now() - make_interval(secs => $2)
       from generate_series(1, $1) n`,
      [count, seconds],
    );
  const end = (status: string) =>
    db.admin.query(
      `update image set status = $1, error_code = case when $1 = 'failed' then 'internal' end
       where id in (select id from image where status in ('queued', 'processing') limit 2)`,
      [status],
    );
  const claim = async (status: string, waitedSeconds: number) => {
    const imageId = await insertImage(db.admin, { values: { status } });
    const terms = { leaseSeconds: 60, maxAttempts: 3, alone: false, beginning: 3 };
    await db
      .as('sluice_process')
      .run((connection) => claimImages(connection, [{ imageId, tenant: 'alpha', waitedSeconds }], terms));
  };

  it('is what ended while work waited since the roll-up before', async () => {
    await queue(20, 100);
    await end('ready');
    await end('failed');
    const { ended, at, oldestSeconds } = await rollUp(db);
    expect(ended).toEqual([{ at: expect.any(Number), seconds: expect.any(Number), images: 4, work: 4 }]);
    const { at: until = 0, seconds = 0 } = ended[0] ?? {};
    expect(seconds).toBeGreaterThanOrEqual(1);
    expect(seconds).toBeLessThan(120);
    expect(Math.abs(until - at)).toBeLessThan(60_000);
    expect(oldestSeconds).toBeGreaterThanOrEqual(100);
  });

  it.each([
    ['a few images wait', () => queue(15, 100)],
    ['none has waited since the roll-up before', () => queue(20, 0)],
    [
      'those that wait have been tried',
      async () => {
        await queue(20, 100);
        await db.admin.query('update image set attempt = 1');
      },
    ],
  ])('is unknown while %s', async (_, prepare) => {
    await prepare();
    await end('ready');
    expect((await rollUp(db)).ended).toEqual([]);
  });

  it('does not fall in an outage: it is unknown while the workers have done nothing for half a minute', async () => {
    await queue(30, 10_000);
    await end('ready');
    await rollUp(db);
    expect((await rollUp(db)).ended).toHaveLength(2);
    await db.admin.query("update backlog_roll_up set worked_at = worked_at - interval '30 seconds'");
    expect((await rollUp(db)).ended).toHaveLength(2);
    await end('ready');
    expect((await rollUp(db)).ended).toHaveLength(3);
  });

  it('is known from claims of uploads that no one queued, and so is the age of the oldest work', async () => {
    await claim('awaiting_upload', 40);
    await end('ready');
    const snapshot = await rollUp(db);
    expect(snapshot.ended).toMatchObject([{ images: 1 }]);
    expect(snapshot.oldestSeconds).toBeCloseTo(40, 0);
    // Between two claims the workers are as busy.
    expect((await rollUp(db)).ended).toMatchObject([{ images: 1 }, { images: 0 }]);
    await claim('awaiting_upload', 0.5);
    const next = await rollUp(db);
    expect(next.ended).toHaveLength(2);
    expect(next.oldestSeconds).toBeLessThan(1);
  });

  it('is forgotten with the newest hundred and twenty intervals, not with time', async () => {
    await queue(30, 10_000);
    await end('ready');
    for (let n = 0; n < 125; n += 1) await rollUp(db);
    expect((await rollUp(db)).ended).toHaveLength(120);
    await db.admin.query("update image set status = 'ready'");
    await rollUp(db);
    await db.admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 day'");
    expect((await rollUp(db)).ended).toHaveLength(120);
  });
});
