import { afterAll, beforeAll, expect, it } from 'vitest';
import { reconcileBacklog } from '../../../lambda/postgres/backlog/reconcile.ts';
import { countBacklog } from '../../../lambda/sweep/count-backlog.ts';
import type { Dependencies } from '../../../lambda/sweep/dependencies.ts';
import { summedBacklog, trueBacklog } from '../postgres/backlog-state.ts';
import { insertImage, openTestDb, type TestDb } from '../postgres/rows.ts';
import { recordingLog } from '../process/test-worker.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const log = recordingLog();
/** One run of the sweep, a minute after the one before. */
async function run() {
  await db.admin.query("update backlog_roll_up set rolled_at = rolled_at - interval '1 minute'");
  const time = { work: new AbortController().signal, record: new AbortController().signal };
  return countBacklog({ database: db.as('sluice_sweep'), log } as unknown as Dependencies)(time);
}
const hourPasses = () =>
  db.admin.query("update backlog_roll_up set reconciled_at = reconciled_at - interval '1 hour'");

it('the sweep counts what has changed, while no environment of the API does', async () => {
  await insertImage(db.admin);
  await insertImage(db.admin, { values: { tenant_id: 'beta', status: 'awaiting_upload', work: 0.5 } });
  expect(await run()).toEqual({ counts: { corrected: 0 }, more: false });
  expect(await summedBacklog(db.admin)).toEqual(await trueBacklog(db.admin));
  expect(await summedBacklog(db.admin)).toHaveLength(2);
});

it('once an hour the sweep compares the sums with the images, corrects them and logs what was wrong', async () => {
  await db.admin.query("update tenant_backlog set images = images + 7, work = 1 where tenant_id = 'alpha'");
  await db.admin.query("insert into tenant_backlog values ('gone', 3, 3000, 2, 2000)");
  await db.admin.query('update ticket_expiry set tickets = 5');
  // Not within the hour.
  expect(await run()).toMatchObject({ counts: { corrected: 0 } });
  expect(log.lines).toEqual([]);
  await hourPasses();
  expect(await run()).toMatchObject({ counts: { corrected: 3 } });
  await run();
  expect(await summedBacklog(db.admin)).toEqual(await trueBacklog(db.admin));
  expect((await db.admin.query('select tickets from ticket_expiry')).rows).toEqual([{ tickets: 1 }]);
  expect(log.lines).toHaveLength(1);
  expect(log.lines[0]).toMatchObject({ level: 'error', fields: { tenants: 3 } });
  expect(log.lines[0]?.fields.drift).toEqual(
    expect.arrayContaining([
      { tenant: 'alpha', images: -7, work: 0.999, tickets: 0 },
      { tenant: 'gone', images: -3, work: -3, tickets: -2 },
    ]),
  );
  await hourPasses();
  expect(await run()).toMatchObject({ counts: { corrected: 0 } });
});

it('what no roll-up has seen yet is no drift', async () => {
  await insertImage(db.admin, { values: { tenant_id: 'beta' } });
  await insertImage(db.admin, { values: { tenant_id: 'beta', status: 'awaiting_upload' } });
  const drift = await db
    .as('sluice_sweep')
    .run((connection) => reconcileBacklog(connection, { everySeconds: 0 }));
  expect(drift).toEqual([]);
  await run();
  expect(await summedBacklog(db.admin)).toEqual(await trueBacklog(db.admin));
});
