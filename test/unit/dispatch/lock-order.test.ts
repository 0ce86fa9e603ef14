import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import { replayDead } from '../../../lambda/postgres/webhooks/deliveries.ts';
import { resumeEndpoint } from '../../../lambda/postgres/webhooks/endpoints.ts';
import { fanOut } from '../../../lambda/postgres/webhooks/fan-out.ts';
import { giveUpOld } from '../../../lambda/postgres/webhooks/retention.ts';
import { bringForward, settleDeliveries } from '../../../lambda/postgres/webhooks/settle.ts';
import { takeDue } from '../../../lambda/postgres/webhooks/take.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { images, insertEndpoint, publish } from './test-dispatch.ts';

/*
 * Statements that lock several rows run at the same time: those of the relay, of two executions of `dispatch` and of the API.
 * Whoever waits for a row must not hold one that comes later, or two of them wait for each other (40P01).
 */

let db: TestDb;
/** Whoever has the first row. */
let holder: pg.Client;
beforeAll(async () => {
  db = await openTestDb();
  holder = new pg.Client({ ...db.address, database: db.address.name });
  await holder.connect();
});
afterAll(async () => {
  await holder.end();
  await db.close();
});
beforeEach(async () => {
  await db.admin.query('truncate webhook_delivery, webhook_endpoint');
});

type Table = 'webhook_endpoint' | 'webhook_delivery';
const keys = { webhook_endpoint: 'id', webhook_delivery: 'endpoint_id, event_id' };

/**
 * Runs a statement while somebody has the first row.
 * @returns what it does meanwhile: whether it waits for that row, and how many of the others nobody can lock
 */
async function whileFirstIsLocked(
  table: Table,
  role: 'sluice_relay' | 'sluice_dispatch' | 'sluice_api',
  run: (connection: Connection) => Promise<unknown>,
): Promise<{ waits: boolean; held: number; total: number }> {
  const { rows: all } = await db.admin.query(`select ${keys[table]} from ${table}`);
  const database = db.as(role);
  await holder.query('begin');
  await holder.query(`select from ${table} order by ${keys[table]} limit 1 for no key update`);
  let ended = false;
  const work = database.transaction(run).finally(() => {
    ended = true;
  });
  work.catch(() => undefined);
  try {
    const waiting = async () =>
      (
        await db.admin.query(
          `select from pg_stat_activity
           where wait_event_type = 'Lock' and usename = $1 and datname = current_database()`,
          [role],
        )
      ).rows.length;
    await expect.poll(async () => ended || (await waiting()) === 1).toBe(true);
    const free = await holder.query(`select from ${table} for no key update skip locked`);
    return { waits: !ended, held: all.length - free.rows.length, total: all.length };
  } finally {
    await holder.query('rollback');
    await work;
    await database.close();
  }
}

async function endpoints(count: number, state: 'active' | 'paused'): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await insertEndpoint(db));
  await db.admin.query(`update webhook_endpoint set state = $1`, [state]);
  return ids;
}
/** Deliveries of which the last ones are due first, so that no statement meets them in the order of their keys. */
async function deliveries(endpointCount: number, set: string): Promise<string[]> {
  const ids = await endpoints(endpointCount, 'active');
  await publish(db, images(4).reverse());
  await db.admin.query(
    `update webhook_delivery set ${set}, due_at = now() - n * interval '1 minute'
     from (select endpoint_id as endpoint, event_id as event, row_number() over (order by endpoint_id, event_id) as n
       from webhook_delivery) numbered where endpoint_id = endpoint and event_id = event`,
  );
  return ids;
}

describe('a statement that waits for the first row holds no other one', () => {
  it('fanOut', async () => {
    await endpoints(10, 'paused');
    const done = await whileFirstIsLocked('webhook_endpoint', 'sluice_relay', (connection) =>
      fanOut(connection, images(3)),
    );
    expect(done).toEqual({ waits: true, held: 0, total: 10 });
  });

  it('takeDue', async () => {
    await deliveries(3, `state = 'sent', sendings = 1`);
    const done = await whileFirstIsLocked('webhook_delivery', 'sluice_dispatch', (connection) =>
      takeDue(connection, { inFlight: 10, limit: 100 }),
    );
    expect(done).toEqual({ waits: true, held: 0, total: 12 });
  });

  it('settleDeliveries', async () => {
    await deliveries(3, `state = 'sent', sendings = 1`);
    const { rows } = await db.admin.query(
      'select endpoint_id as endpoint, event_id as event from webhook_delivery order by endpoint_id desc, event_id desc',
    );
    const done = await whileFirstIsLocked('webhook_delivery', 'sluice_dispatch', (connection) =>
      settleDeliveries(
        connection,
        rows.map(({ endpoint, event }) => ({
          ...{ endpoint, event, sending: 1, attempt: 1, ending: 'delivered' as const },
          ...{ pauseSeconds: 0, status: 200, fault: null },
        })),
      ),
    );
    expect(done).toEqual({ waits: true, held: 0, total: 12 });
  });
});

describe('a statement that needs no certain row leaves out the locked one, and waits for none', () => {
  it('giveUpOld', async () => {
    await deliveries(3, `since = now() - interval '2 days'`);
    const done = await whileFirstIsLocked('webhook_delivery', 'sluice_dispatch', (connection) =>
      giveUpOld(connection, { limit: 100 }),
    );
    expect(done).toMatchObject({ waits: false });
    const { rows } = await db.admin.query(
      `select count(*)::int as dead from webhook_delivery where state = 'dead'`,
    );
    expect(rows).toEqual([{ dead: 11 }]);
  });

  it.each([
    [
      'bringForward',
      'sluice_dispatch',
      (connection: Connection, id: string) => bringForward(connection, [id], 60),
    ],
    [
      'resumeEndpoint',
      'sluice_api',
      (connection: Connection, id: string) => resumeEndpoint(connection, { tenant: 'alpha', id }),
    ],
  ] as const)('%s', async (_, role, run) => {
    const [id = ''] = await deliveries(1, `state = 'pending'`);
    await db.admin.query(`update webhook_delivery set due_at = now() + interval '1 hour'`);
    const done = await whileFirstIsLocked('webhook_delivery', role, (connection) => run(connection, id));
    expect(done).toMatchObject({ waits: false });
    const { rows } = await db.admin.query(
      `select count(*)::int as soon from webhook_delivery where due_at < now() + interval '61 seconds'`,
    );
    expect(rows).toEqual([{ soon: 3 }]);
  });

  it('replayDead', async () => {
    const [id = ''] = await deliveries(1, `state = 'dead'`);
    const done = await whileFirstIsLocked('webhook_delivery', 'sluice_api', (connection) =>
      replayDead(connection, id, 100),
    );
    expect(done).toMatchObject({ waits: false });
    const { rows } = await db.admin.query(
      `select count(*)::int as again from webhook_delivery where state = 'pending'`,
    );
    expect(rows).toEqual([{ again: 3 }]);
  });
});
