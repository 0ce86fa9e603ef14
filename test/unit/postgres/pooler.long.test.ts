import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../../../bench/database/cases.ts';
import { fill } from '../../../bench/database/fill.ts';
import { connect, type DatabaseOptions } from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { ensureRoles, limitConnections } from '../../../lambda/postgres/schema/roles.ts';
import { roleUses } from '../../../lib/catalogue/select.ts';
import { poolConnections, roleShares } from '../../../lib/config/budget.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { type RunningPostgres, startPostgres } from '../../../local/postgres/server.ts';
import { patience } from '../../support/pace.ts';
import { pgbouncer, type RunningPooler, startPgBouncer } from './pgbouncer.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';
import { busiest, queueImages, startWorkers } from './workers.ts';

/** Connections of the server. */
const maxConnections = 100;
const config = resolveConfig({
  presets: { small: { width: 320 } },
  database: { maxConnections, proxy: true },
});
/** What RDS Proxy would get of them. */
const size = poolConnections(config).connections;
const roles = roleShares(config, true);

if (pgbouncer === undefined)
  process.stderr.write('Skipped: the tests through PgBouncer need it (apt-get install pgbouncer).\n');

describe.skipIf(pgbouncer === undefined)('through PgBouncer (skipped without it)', () => {
  let folder: string;
  let server: RunningPostgres;
  let db: TestDb;
  let pooler: RunningPooler;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-pooled-'));
    server = await startPostgres({ directory: folder, maxConnections, durable: false });
    db = await openTestDb(server);
    const { rolesPassword: password, user } = db.address;
    await db.as(user).run(async (connection) => {
      await ensureRoles(connection, { by: 'password', password }, { roles, pooled: true });
      await limitConnections(connection, roles);
      // Here their statements also wait until the pool has opened its connections, one after the other.
      await connection.query(`alter role sluice_process set statement_timeout = ${patience(60_000)}`);
    });
    pooler = await startPgBouncer(pgbouncer ?? '', db.address, { users: Object.keys(roles), size });
  });
  afterAll(async () => {
    await pooler?.stop();
    await db?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The way of a function through the pooler. Here 800 of them share a process, and two cores with the server. */
  const through = (role: string): DatabaseOptions => {
    const options = db.options(role);
    return {
      ...options,
      environment: {
        ...options.environment,
        DATABASE_PORT: pooler.port,
        DATABASE_PREPARED_STATEMENTS: 'unnamed' as const,
      },
      connectTimeoutMs: patience(60_000),
      answerTimeoutMs: patience(60_000),
    };
  };

  it('800 workers claim and commit each image once, over at most 90 connections', async () => {
    const count = 800;
    const images = await queueImages(db.admin, count);
    const watched = await busiest(db.address);
    // Holds all back, so that the pool fills as in a database that stalls.
    await db.admin.query('begin');
    await db.admin.query('select from image for update');
    const workers = startWorkers(through('sluice_process'), images);
    await workers.connected;
    expect(workers.faults).toEqual([]);
    const { rows: clients } = await pooler.console.query('show clients');
    expect(clients.filter(({ user }) => user === 'sluice_process')).toHaveLength(count);
    workers.begin();
    await expect.poll(() => watched.most(), { timeout: patience(60_000) }).toBe(size);
    await db.admin.query('commit');

    const { claimed, written } = await workers.done();
    const most = await watched.stop();
    expect(workers.faults).toEqual([]);
    expect(claimed.sort()).toEqual(images.toSorted());
    expect(written.sort()).toEqual(images.toSorted());
    const { rows } = await db.admin.query(
      'select status, attempt, failures, count(*)::int from image group by 1, 2, 3',
    );
    expect(rows).toEqual([{ status: 'ready', attempt: 1, failures: 0, count }]);
    expect(most).toBe(size);
    expect(most).toBeLessThanOrEqual(90);
    // Also those that a retry hides.
    const logs = `${readFileSync(join(folder, 'postgres.log'), 'utf8')}\n${pooler.log()}`.split('\n');
    expect(logs.filter((line) => /too many|no more|FATAL/.test(line))).toEqual([]);
  });

  it('a transaction that hangs until its deadline leaves no lock', async () => {
    const id = await insertImage(db.admin);
    const database = keepOpen(through('sluice_api'));
    const deadline = new AbortController();
    const hung = database.transaction(
      async (connection) => {
        await connection.query('select from image where id = $1 for update', [id]);
        deadline.abort();
        return new Promise<never>(() => {});
      },
      { signal: deadline.signal },
    );
    await expect(hung).rejects.toMatchObject({ code: 'database_unavailable' });
    const free = 'select from image where id = $1 for update skip locked';
    // Before the server's own limit of 10 s.
    await expect
      .poll(async () => (await db.admin.query(free, [id])).rowCount, { timeout: patience(4_000) })
      .toBe(1);
    await database.close();
  });

  it('a session has the limits of its role, and the connection of api is tested before use', async () => {
    const database = keepOpen({ ...through('sluice_api'), trustMs: -1 });
    for (const name of ['first', 'second']) {
      const { rows } = await database.run((connection) =>
        connection.query<{ limit: string }>(
          `select current_setting('statement_timeout') as "limit", $1::text as name`,
          [name],
        ),
      );
      expect(rows).toEqual([{ limit: '5s', name }]);
    }
    await database.close();
  });

  it('PgBouncer refuses a limit sent at session start, so functions leave theirs to their role', async () => {
    await expect(connect({ ...through('sluice_process'), statementTimeoutMs: 10_000 })).rejects.toMatchObject(
      {
        message: 'database_unavailable: 08P01',
        cause: { message: 'unsupported startup parameter: statement_timeout' },
      },
    );
  });

  it('all statements of all functions work through it, each in a transaction of its own', async () => {
    await fill(db.admin, { images: 5_000, tenants: 20, backlog: 1_000, variants: 1 }, () => {});
    const cases = await allCases(db.admin, 0.01);
    for (const { name, role } of roleUses()) {
      const own = cases.filter(({ by }) => by === name);
      expect(own.length).toBeGreaterThan(0);
      const databases = [1, 2, 3].map(() => openOnDemand(through(role)));
      // Sessions side by side, so that each gets other connections.
      for (const { run } of own) await Promise.all(databases.map((database) => database.run(run)));
      await Promise.all(databases.map((database) => database.close()));
    }
  });
});
