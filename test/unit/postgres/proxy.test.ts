import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseRole } from '../../../lambda/domain/roles.ts';
import { connect, type DatabaseOptions } from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { claimImages } from '../../../lambda/postgres/images/claim.ts';
import { commitResults } from '../../../lambda/postgres/images/commit.ts';
import { deletedImages, markDeleted, removeDeleted } from '../../../lambda/postgres/images/deletion.ts';
import { findImage, listImages } from '../../../lambda/postgres/images/reading.ts';
import { unusedTickets } from '../../../lambda/postgres/images/stalled.ts';
import { insertTicket } from '../../../lambda/postgres/images/tickets.ts';
import { openPooler } from './pooler.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
let pooler: Awaited<ReturnType<typeof openPooler>>;
afterEach(() => pooler.close());

/** The way of a function through a proxy that has `size` connections for its role. */
async function through(role: DatabaseRole, size: number): Promise<DatabaseOptions> {
  pooler = await openPooler(db.address, role, size);
  const options = db.options(role);
  return {
    ...options,
    environment: {
      ...options.environment,
      DATABASE_PORT: pooler.port,
      DATABASE_PREPARED_STATEMENTS: 'unnamed',
    },
  };
}
const ticket = (id: string) => ({
  id,
  tenant: 'alpha',
  contentType: 'image/jpeg',
  bytes: 1000,
  presets: ['small'],
  metadata: {},
  ticketSeconds: 900,
});

describe('through a proxy that lends a connection for one transaction', () => {
  it('through a proxy, many environments of api share two connections, and none is pinned', async () => {
    const options = await through('sluice_api', 2);
    const environments = Array.from({ length: 6 }, () => keepOpen({ ...options, trustMs: -1 }));
    const ids = await Promise.all(
      environments.map(async (database) => {
        const id = randomUUID();
        await database.transaction((connection) =>
          insertTicket(connection, ticket(id), { claim: undefined }),
        );
        await database.run((connection) => findImage(connection, { tenant: 'alpha', imageId: id }));
        await database.run((connection) => listImages(connection, 'alpha', { limit: 10 }));
        await database.run((connection) => markDeleted(connection, { tenant: 'alpha', imageId: id }));
        return id;
      }),
    );
    await Promise.all(environments.map((database) => database.close()));
    const { rowCount } = await db.admin.query(
      'select from image where id = any ($1) and deleted_at is not null',
      [ids],
    );
    expect(rowCount).toBe(6);
    expect(new Set(pooler.lent).size).toBe(2);
    expect(pooler.pins()).toEqual([]);
  });

  it('through a proxy, a worker claims on one connection and commits on another', async () => {
    const database = openOnDemand(await through('sluice_process', 2));
    const imageId = await insertImage(db.admin);
    const states = await database.run(async (connection) => {
      const wanted = [{ imageId, tenant: 'alpha' }];
      const [claim] = await claimImages(connection, wanted, {
        leaseSeconds: 60,
        alone: false,
        beginning: 3,
        maxAttempts: 3,
      });
      if (claim?.outcome !== 'claimed') throw new TypeError('not claimed');
      const result = { imageId, attempt: claim.attempt, outcome: 'released', counted: false } as const;
      return commitResults(connection, [result], { maxAttempts: 3 });
    });
    expect(states).toMatchObject([{ imageId, state: 'written' }]);
    expect(pooler.lent).toEqual([1, 0]);
    expect(pooler.pins()).toEqual([]);
    await database.close();
  });

  it('through a proxy, a sweep finds and removes images', async () => {
    const database = openOnDemand(await through('sluice_sweep', 2));
    const gone = await insertImage(db.admin, {
      sql: { deleted_at: 'now()', ticket_expires_at: "now() - interval '1 hour'" },
    });
    await database.run((connection) => unusedTickets(connection, { graceSeconds: 0, limit: 10 }));
    const found = await database.run((connection) =>
      deletedImages(connection, { graceSeconds: 0, limit: 10 }),
    );
    expect(found.map(({ imageId }) => imageId)).toContain(gone);
    expect(await database.run((connection) => removeDeleted(connection, [gone]))).toBe(1);
    expect(pooler.pins()).toEqual([]);
    await database.close();
  });

  it('a proxy refuses a limit sent at session start, so functions leave theirs to their role', async () => {
    const options = await through('sluice_process', 1);
    await expect(connect({ ...options, statementTimeoutMs: 10_000 })).rejects.toMatchObject({
      message: 'database_unavailable: 0A000',
    });
    await (await connect(options)).close();
  });

  it('statements that leave state in the session are noticed by this test', async () => {
    const database = openOnDemand(await through('sluice_process', 1));
    await database.run((connection) => connection.query("set statement_timeout = '1s'"));
    await database.run((connection) => connection.query('select pg_advisory_lock($1)', [1]));
    expect(pooler.pins().map(({ causes }) => causes)).toEqual([
      ['`SET`, `RESET`'],
      ['advisory locks of a session'],
    ]);
    await database.close();
  });
});
