import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import type { RoleShares } from '../../../lambda/domain/roles.ts';
import { createHandler, type MigrateResult } from '../../../lambda/migrate/handler.ts';
import { type Migration, readMigrations } from '../../../lambda/migrate/migrations.ts';
import type { Database } from '../../../lambda/postgres/connection/connection.ts';
import { statementTimeoutOf } from '../../../lambda/postgres/connection/role-limits.ts';
import { describeSchema } from '../../../lambda/postgres/schema/describe-schema.ts';
import type { RoleLogin } from '../../../lambda/postgres/schema/roles.ts';
import { createDatabase } from '../../support/database.ts';
import { enterDatabase } from '../../support/enter-database.ts';
import { invocation, recordingLog } from '../process/test-worker.ts';

const folder = join(import.meta.dirname, '../../../migrations');
/** Roles belong to the server: limits that no other test reaches. */
const roles: RoleShares = {
  sluice_api: { connections: 201, persistent: true },
  sluice_process: { connections: 202, persistent: false },
  sluice_sweep: { connections: 203, persistent: false },
  sluice_operate: { connections: 204, persistent: false },
  sluice_relay: { connections: 205, persistent: false },
  sluice_dispatch: { connections: 206, persistent: false },
  sluice_export: { connections: 207, persistent: false },
  sluice_exportjob: { connections: 208, persistent: false },
  sluice_analytics: { connections: 209, persistent: false },
  sluice_audit: { connections: 210, persistent: false },
};
let server: pg.Client;
let rolesPassword: string;
beforeAll(async () => {
  // Creates the roles, with the password that all tests share.
  const neighbour = await createDatabase();
  ({ rolesPassword } = neighbour);
  await neighbour.drop();
  server = new pg.Client(inject('postgres'));
  await server.connect();
});
afterAll(async () => {
  for (const role of Object.keys(roles)) await server.query(`alter role ${role} connection limit -1`);
  await server.end();
});

let name: string;
let database: Database;
const log = recordingLog();
const enter = (user: string, password: string) =>
  enterDatabase({ ...inject('postgres'), user, password }, name, 'test');
beforeEach(async () => {
  name = `empty_${randomBytes(6).toString('hex')}`;
  await server.query(`create database ${name}`);
  const { user, password } = inject('postgres');
  database = enter(user, password);
});
afterEach(async () => {
  await server.query(`drop database ${name} with (force)`);
});

const invoke = (
  event: unknown,
  migrations: Migration[] = readMigrations(folder),
  by: RoleLogin['by'] = 'password',
  pooled = false,
): Promise<MigrateResult> =>
  createHandler({
    database,
    terms: { migrations, roles, pooled },
    login: async () => (by === 'iam' ? { by } : { by, password: rolesPassword }),
    log,
  })(
    event,
    invocation(() => 60_000),
  ) as Promise<MigrateResult>;
const query = async (sql: string) => (await database.run((connection) => connection.query<object>(sql))).rows;
/** Settings of a new session of a role. */
const settingsOf = async (role: string) => {
  const { rows } = await enter(role, rolesPassword).run((connection) =>
    connection.query<{ name: string; value: string }>(
      "select name, current_setting(name) as value from pg_settings where name ~ 'timeout|keepalives|check_interval|random_page_cost'",
    ),
  );
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
};
const migration = (number: number, sql: string): Migration => ({
  number,
  name: `00000${number}_test.sql`,
  sql,
  sha256: createHash('sha256').update(sql).digest('hex'),
});

describe('migrating an empty database', () => {
  it('applies every migration once, which results in migrations/schema.sql', async () => {
    const names = readMigrations(folder).map((one) => one.name);
    expect(await invoke({})).toEqual({ applied: names });
    expect(await invoke({})).toEqual({ applied: [] });
    const written = readFileSync(join(folder, 'schema.sql'), 'utf8');
    const found = await database.run(describeSchema);
    expect(found, 'run "npm run migrate:dump"').toBe(written.slice(written.indexOf('create table')));
  });

  it('creates a role per function with its CONNECTION LIMIT', async () => {
    await invoke({});
    expect(
      await query("select rolname, rolconnlimit from pg_roles where rolname like 'sluice%' order by 1"),
    ).toEqual([
      { rolname: 'sluice_analytics', rolconnlimit: 209 },
      { rolname: 'sluice_api', rolconnlimit: 201 },
      { rolname: 'sluice_audit', rolconnlimit: 210 },
      { rolname: 'sluice_dispatch', rolconnlimit: 206 },
      { rolname: 'sluice_export', rolconnlimit: 207 },
      { rolname: 'sluice_exportjob', rolconnlimit: 208 },
      { rolname: 'sluice_operate', rolconnlimit: 204 },
      { rolname: 'sluice_process', rolconnlimit: 202 },
      { rolname: 'sluice_relay', rolconnlimit: 205 },
      { rolname: 'sluice_sweep', rolconnlimit: 203 },
    ]);
  });

  it.each([
    ['sluice_api', '5s', '5min'],
    ['sluice_process', '10s', '1min'],
    ['sluice_sweep', '10s', '1min'],
    ['sluice_operate', '10s', '1min'],
    ['sluice_export', '1min', '1min'],
    ['sluice_exportjob', '1min', '1min'],
  ] as const)('limits statements and idle sessions of %s', async (role, statement, idle) => {
    await invoke({});
    expect(await settingsOf(role)).toMatchObject({
      statement_timeout: statement,
      idle_in_transaction_session_timeout: '10s',
      idle_session_timeout: idle,
    });
    // Detection of lost clients.
    expect(await settingsOf(role)).toMatchObject({
      client_connection_check_interval: '1s',
      // The reader of a stream may pause for a minute.
      tcp_user_timeout: role === 'sluice_export' ? '70000' : '10000',
      tcp_keepalives_idle: role === 'sluice_api' ? '60' : '15',
      tcp_keepalives_interval: '5',
      tcp_keepalives_count: '3',
      random_page_cost: '1.1',
    });
    // The client waits for as long as the server may take.
    const seconds = statement === '1min' ? 60 : Number.parseInt(statement, 10);
    expect(statementTimeoutOf(role)).toBe(1000 * seconds);
  });

  it('does not limit idle sessions of a pool, but idle transactions', async () => {
    await invoke({}, [], 'password', true);
    expect(await settingsOf('sluice_api')).toMatchObject({
      statement_timeout: '5s',
      idle_in_transaction_session_timeout: '10s',
      idle_session_timeout: '0',
    });
    // Roles belong to the server: restore them.
    await invoke({}, []);
    expect(await settingsOf('sluice_api')).toMatchObject({ idle_session_timeout: '5min' });
  });

  it('grants a role no tables that its function does not use', async () => {
    await invoke({});
    const worker = enter('sluice_process', rolesPassword);
    await expect(worker.run((connection) => connection.query('select 1 from api_key'))).rejects.toMatchObject(
      {
        code: '42501',
      },
    );
  });

  it('lets the roles log in by IAM on RDS, and fails on another server', async () => {
    await expect(invoke({}, [], 'iam')).rejects.toThrow('role "rds_iam" does not exist');
    await server.query('create role rds_iam');
    try {
      await invoke({}, [], 'iam');
      const members = await query(
        "select member::regrole::text from pg_auth_members where roleid = 'rds_iam'::regrole order by 1",
      );
      expect(members).toEqual(
        Object.keys(roles)
          .sort()
          .map((member) => ({ member })),
      );
    } finally {
      await server.query('drop role rds_iam');
    }
  });

  it('runs repeatedly as an owner that is not a superuser and logs in by IAM', async () => {
    const [owner, password] = [`owner_${randomBytes(6).toString('hex')}`, randomBytes(12).toString('hex')];
    await server.query('create role rds_iam');
    try {
      // Like the owner of an RDS server: it owns its database, and creates roles and grants with its own rights.
      await server.query(`create role ${owner} login createrole password '${password}'`);
      await server.query(`alter database ${name} owner to ${owner}`);
      await server.query(`grant rds_iam, ${Object.keys(roles).join()} to ${owner} with admin option`);
      const superusers = database;
      database = enter(owner, password);
      expect((await invoke({}, undefined, 'iam')).applied).toHaveLength(readMigrations(folder).length);
      expect((await invoke({}, undefined, 'iam')).applied).toEqual([]);
      database = superusers;
    } finally {
      await server.query(`alter database ${name} owner to current_user`);
      await server.query(`drop role if exists rds_iam`);
    }
  });

  it('runs once if two deploys run concurrently', async () => {
    const both = await Promise.all([invoke({}), invoke({})]);
    expect(both.map(({ applied }) => applied.length).sort()).toEqual([0, readMigrations(folder).length]);
  });
});

describe('a migration that fails', () => {
  it('is rolled back, and the earlier ones remain', async () => {
    const good = migration(1, 'create table one (id int)');
    const bad = migration(2, 'create table two (id int); select broken');
    await expect(invoke({}, [good, bad])).rejects.toMatchObject({ code: '42703' });
    expect(
      await query("select to_regclass('one') is not null as one, to_regclass('two') is null as no_two"),
    ).toEqual([{ one: true, no_two: true }]);
    expect(await invoke({}, [good, migration(2, 'create table two (id int)')])).toMatchObject({
      applied: ['000002_test.sql'],
    });
  });

  it('is rolled back if it cannot be recorded', async () => {
    const bad = migration(1, 'create table one (id int); drop table schema_migration');
    await expect(invoke({}, [bad])).rejects.toMatchObject({ code: '42P01' });
    expect(await query("select to_regclass('one') as one")).toEqual([{ one: null }]);
  });

  it('is rejected by name if it was changed after it was applied', async () => {
    await invoke({}, [migration(1, 'create table one (id int)')]);
    await expect(
      invoke({}, [migration(1, 'create table one (id bigint)'), migration(2, 'create table two (id int)')]),
    ).rejects.toThrow(/000001_test\.sql/);
    expect(await query("select to_regclass('two') as two")).toEqual([{ two: null }]);
  });

  it('is only logged if the database has it and this code does not', async () => {
    const first = migration(1, 'create table one (id int)');
    await invoke({}, [first, migration(2, 'create table two (id int)')]);
    expect(await invoke({}, [first])).toEqual({ applied: [] });
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { ahead: ['000002_test.sql'] } });
  });
});

describe('the event of migrate', () => {
  it('may have fields of a deployment, which are ignored', async () => {
    expect(await invoke({ RequestType: 'Update' }, [])).toEqual({ applied: [] });
    expect(await invoke(undefined, [])).toEqual({ applied: [] });
  });

  it.each([
    [
      'an operation',
      { operation: 'revokeAllKeys', tenant: 'acme' },
      /takes no operation: the function operate/,
    ],
    ['a tenant', { tenant: 'acme' }, /takes no tenant/],
    ['a key', { keySha256: 'ab'.repeat(32) }, /takes no keySha256/],
    ['no object', 'acme', /expected object/],
    ['a list', [], /expected object/],
  ])('with %s is rejected, and nothing is migrated', async (_, event, message) => {
    await expect(invoke(event)).rejects.toThrow(message);
    await expect(invoke(event)).rejects.toMatchObject({ name: 'EventMistake' });
    expect(await query("select to_regclass('tenant') as tenant")).toEqual([{ tenant: null }]);
  });
});
