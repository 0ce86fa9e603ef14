import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Database, DatabaseOptions } from '../../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { createDatabase, type TestDatabase } from '../../support/database.ts';
import type { ServerAddress } from '../../support/global-setup.ts';

/** A migrated database, a superuser's client to read and prepare it, and the access that functions have. */
export interface TestDb {
  address: TestDatabase;
  admin: pg.Client;
  /** As a function would connect; by default as the superuser. */
  options(role?: string): DatabaseOptions;
  as(role: string): Database;
  close(): Promise<void>;
}

export async function openTestDb(server?: ServerAddress): Promise<TestDb> {
  const address = await createDatabase(server);
  const admin = new pg.Client({ ...address, database: address.name });
  await admin.connect();
  await admin.query("insert into tenant (id) values ('alpha'), ('beta')");
  const options = (role = address.user): DatabaseOptions => ({
    environment: {
      DATABASE_HOST: address.host,
      DATABASE_PORT: address.port,
      DATABASE_NAME: address.name,
      DATABASE_USER: role,
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: 'named',
    },
    password: async () => (role === address.user ? address.password : address.rolesPassword),
    applicationName: 'test',
  });
  return {
    address,
    admin,
    options,
    as: (role) => openOnDemand(options(role)),
    async close() {
      await admin.end();
      await address.drop();
    },
  };
}

/** Inserts an image; any column may be given, as SQL in `sql` or as a value in `values`. */
export async function insertImage(
  admin: pg.Client,
  { values = {}, sql = {} }: { values?: Record<string, unknown>; sql?: Record<string, string> } = {},
): Promise<string> {
  const given: Record<string, unknown> = {
    id: randomUUID(),
    tenant_id: 'alpha',
    status: 'queued',
    declared_type: 'image/jpeg',
    declared_bytes: 1000,
    presets: ['small'],
    ...values,
  };
  if (['rejected', 'failed'].includes(String(given.status))) given.error_code ??= 'internal';
  const expressions: Record<string, string> = { ticket_expires_at: "now() + interval '15 minutes'", ...sql };
  const names = [...Object.keys(given), ...Object.keys(expressions)];
  const places = [...Object.keys(given).map((_, index) => `$${index + 1}`), ...Object.values(expressions)];
  await admin.query(`insert into image (${names}) values (${places})`, Object.values(given));
  return String(given.id);
}

/** The row of an image, or undefined where there is none. */
export async function readImage(admin: pg.Client, id: string) {
  const { rows } = await admin.query(
    `select status, attempt, failures, error_code, error_detail, lease_expires_at, enqueued_at, bytes::int as bytes,
       width, height, frames, placeholder, content_type, lease_stage, last_error, dead_lettered_attempt, original_version, (select count(*)::int from variant where image_id = image.id) as variants,
       extract(epoch from lease_expires_at - now())::float8 as lease
     from image where id = $1`,
    [id],
  );
  return rows[0];
}

/** Sessions of other clients in this database at this moment; those of autovacuum are none. */
export async function sessions(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  );
  return rows[0].count;
}
