import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCases } from '../../../bench/database/cases.ts';
import { fill } from '../../../bench/database/fill.ts';
import type { Case } from '../../../bench/database/statements.ts';
import { migrate } from '../../../lambda/migrate/migrate.ts';
import { readMigrations } from '../../../lambda/migrate/migrations.ts';
import type { Connection, DatabaseOptions } from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { roleUses } from '../../../lib/catalogue/select.ts';
import { ownerFunctions } from '../../../lib/config/budget.ts';
import { recordingLog } from '../process/test-worker.ts';
import { causes, causesIn, takenByBoth } from './pinning.ts';
import { openPooler } from './pooler.ts';
import type { Sent } from './protocol.ts';
import { openTestDb, type TestDb } from './rows.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

let db: TestDb;
/** What each function with a role sent: all cases of its statements. */
const sessions = new Map<string, Awaited<ReturnType<typeof openPooler>>>();
/** Where lambda/postgres called `query`, as file:line:column. */
const calledFrom = new Set<string>();

beforeAll(async () => {
  db = await openTestDb();
  await fill(db.admin, { images: 5_000, tenants: 20, backlog: 1_000, variants: 1 }, () => {});
  const cases = await allCases(db.admin, 0.01);
  for (const { name, role, connections } of roleUses()) {
    const { pooler, options } = await through(role);
    const database =
      connections === 'persistent' ? keepOpen({ ...options, trustMs: -1 }) : openOnDemand(options);
    for (const { by, run } of cases)
      if (by === name) await database.run((connection) => rolledBack(run, connection));
    await database.close();
    await pooler.close();
    sessions.set(name, pooler);
  }
});
afterAll(() => db.close());

/** The options of a user through a pooler with one connection, which records what is sent. */
async function through(user: string, name = db.address.name) {
  const pooler = await openPooler({ ...db.address, name }, user, 1);
  const options = db.options(user);
  const environment = {
    ...options.environment,
    DATABASE_PORT: pooler.port,
    DATABASE_PREPARED_STATEMENTS: 'unnamed' as const,
  };
  return { pooler, options: { ...options, environment } satisfies DatabaseOptions };
}

/** Runs a case and rolls it back, so that each finds the same rows. */
async function rolledBack(run: Case['run'], connection: Connection): Promise<void> {
  await connection.query('begin');
  await run({
    query(text, values) {
      const [place] = /lambda\/postgres\/[\w/-]+\.ts:\d+:\d+/.exec(new Error().stack ?? '') ?? [];
      calledFrom.add(place ?? 'elsewhere');
      return connection.query(text, values);
    },
  });
  await connection.query('rollback');
}

describe('what functions send through a pooler', () => {
  it.each(roleUses())('$name sends nothing that ties its session to one connection', ({ name }) => {
    const { sent, pins, parameters } = sessions.get(name) ?? {};
    expect(sent?.some(({ text }) => text.includes('select'))).toBe(true);
    expect([...new Set(pins?.().flatMap((pin) => pin.causes))]).toEqual([]);
    expect(parameters).not.toEqual([]);
    for (const one of parameters ?? []) expect(takenByBoth).toEqual(expect.arrayContaining(one));
    // node-postgres sends it at session start, which poolers refuse.
    expect(read(`lambda/${name}/index.ts`)).not.toContain('statementTimeoutMs');
  });

  it('these were the statements of every call in lambda/postgres', () => {
    const ofFile = (file: string) =>
      [...calledFrom].filter((place) => place.startsWith(`lambda/postgres/${file}:`)).length;
    const files = ['images', 'tenants', 'analytics', 'audit', 'events', 'webhooks'].flatMap((folder) =>
      readdirSync(join(root, 'lambda/postgres', folder)).map((file) => `${folder}/${file}`),
    );
    const calls = files.map((file) => [file, read(`lambda/postgres/${file}`).split('.query').length - 1]);
    expect(files.map((file) => [file, ofFile(file)])).toEqual(calls);
  });

  it('only migrate ties its session, and connects to the server itself', async () => {
    expect(ownerFunctions()).toEqual(['migrate']);
    const name = `empty_${randomBytes(6).toString('hex')}`;
    await db.admin.query(`create database ${name}`);
    const { pooler, options } = await through(db.address.user, name);
    const database = openOnDemand(options);
    const migrations = readMigrations(join(root, 'migrations'));
    // Without roles, which belong to the server of all tests.
    await migrate(database, { migrations, roles: {}, pooled: true, login: { by: 'iam' } }, recordingLog());
    await database.close();
    await pooler.close();
    await db.admin.query(`drop database ${name} with (force)`);
    expect(new Set(pooler.pins().flatMap((pin) => pin.causes))).toEqual(
      new Set(['`set_config`', 'advisory locks of a session', 'several statements in one message']),
    );
  });
});

describe('causes of a pinned session', () => {
  const query = (text: string): Sent => ({ message: 'Query', name: '', text });
  it.each<[cause: string, sent: Sent]>([
    ['`SET`, `RESET`', query('set local statement_timeout = 1')],
    ['`SET`, `RESET`', query('-- Why.\n RESET ALL')],
    ['`set_config`', query("select set_config('a.b', 'c', true)")],
    ['`PREPARE`, `EXECUTE`, `DEALLOCATE`, `DISCARD`', query('discard all')],
    ['temporary tables, views and sequences', query('create temp table t ()')],
    ['temporary tables, views and sequences', query('select 1 into temporary t')],
    ['cursors', query('declare c cursor for select 1')],
    ['`LISTEN`', query('listen work')],
    ['`LOAD`', query("load 'auto_explain'")],
    ['functions of sequences', query("select nextval('s')")],
    ['advisory locks of a session', query('select pg_try_advisory_lock_shared(1)')],
    ['several statements in one message', query('select 1; select 2')],
    ['a text of more than 16 kB', query(`select '${'a'.repeat(16_384)}'`)],
    ['prepared statements with a name', { message: 'Parse', name: 'one', text: 'select 1' }],
    ['the FunctionCall message', { message: 'FunctionCall', name: '', text: '' }],
  ])('%s ties a session', (cause, sent) => {
    expect(causesIn(sent)).toEqual([cause]);
  });

  it.each(['select pg_advisory_xact_lock(1);', 'update image set id = $1', '-- set a; set b\nbegin', ''])(
    '%j does not tie a session',
    (text) => {
      expect(causesIn({ message: 'Parse', name: '', text })).toEqual([]);
    },
  );

  it('docs/database.md lists each cause', () => {
    const [, section = ''] = /\n## Through a pooler\n([\s\S]*?)\n## /.exec(read('docs/database.md')) ?? [];
    const listed = [...section.matchAll(/^\| (.+?) \| (?:pins|not documented)/gm)].map(([, cause]) => cause);
    expect(listed.sort()).toEqual([...causes].sort());
  });
});
