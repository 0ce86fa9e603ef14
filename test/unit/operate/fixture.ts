import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { createHandler } from '../../../lambda/operate/handler.ts';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import { ensureRoles } from '../../../lambda/postgres/schema/roles.ts';
import { findTenant, type KeyHolder } from '../../../lambda/postgres/tenants/tenants.ts';
import { createDatabase } from '../../support/database.ts';
import { enterDatabase } from '../../support/enter-database.ts';
import { roles } from '../../support/role-shares.ts';
import { invocation, recordingLog } from '../process/test-worker.ts';
import { settings } from './settings.ts';

export const hash = (key: string) => createHash('sha256').update(key).digest();
/** The public id of a key. */
export const id = (key: string) => hash(key).toString('hex').slice(0, 12);
export const mistake = (code: string) => ({
  name: 'OperationMistake',
  code,
  message: expect.stringContaining(code),
});

/** `operate` as an operator invokes it, as its own role, on a migrated database. */
async function openFixture() {
  const made = await createDatabase();
  const sql = new pg.Client({ ...made, database: made.name });
  await sql.connect();
  const log = recordingLog();
  const open = (name = made.name, user = 'sluice_operate') =>
    enterDatabase({ ...made, user, password: made.rolesPassword }, name, 'sluice-operate');
  const asOwner = async (name: string, work: (connection: Connection) => Promise<unknown>) => {
    const database = enterDatabase(made, name, 'owner');
    await database.run(work);
    await database.close();
  };

  return {
    sql,
    log,
    open,
    /** Runs SQL in another database as its owner. */
    prepare: (name: string, sql: string) => asOwner(name, (connection) => connection.query(sql)),
    /** Sets login and session limits of the roles, as `migrate` does. */
    setRoles: () =>
      asOwner(made.name, (connection) =>
        ensureRoles(connection, { by: 'password', password: made.rolesPassword }, { roles, pooled: false }),
      ),
    /** The result of an operation, after JSON. */
    async invoke<Result = Record<string, unknown>>(event: object, name?: string): Promise<Result> {
      const handler = createHandler({ database: open(name), settings, log });
      const result = await handler(
        event,
        invocation(() => 60_000),
      );
      return JSON.parse(JSON.stringify(result)) as Result;
    },
    /** Creates a tenant with these keys, the oldest first. */
    async tenant(name: string, ...keys: string[]): Promise<void> {
      await sql.query('insert into tenant (id) values ($1) on conflict do nothing', [name]);
      for (const [place, key] of keys.entries())
        await sql.query(
          'insert into api_key (sha256, tenant_id, created_at) values ($1, $2, now() - make_interval(hours => $3))',
          [hash(key), name, keys.length - place],
        );
    },
    /** The tenant of a key, as the API finds it. */
    async holder(key: string): Promise<Pick<KeyHolder, 'tenant' | 'endsInMs'> | undefined> {
      const database = open();
      try {
        const holder = await database.run((connection) => findTenant(connection, hash(key)));
        return holder && { tenant: holder.tenant, endsInMs: holder.endsInMs };
      } finally {
        await database.close();
      }
    },
    /** Inserts an image of a tenant with these columns. */
    async image(of: string, values: Record<string, unknown>): Promise<string> {
      const row = {
        id: randomUUID(),
        tenant_id: of,
        declared_type: 'image/png',
        declared_bytes: 1_234,
        presets: ['small'],
        ticket_expires_at: new Date(Date.now() + 600_000),
        ...values,
      };
      const names = Object.keys(row);
      const places = names.map((_, place) => `$${place + 1}`);
      await sql.query(`insert into image (${names}) values (${places})`, Object.values(row));
      return row.id;
    },
    empty: () =>
      sql.query(
        'truncate tenant, api_key, image, variant, extra_upload, idempotency_key, plan, quota_use, quota_return, replaced_object, image_event, webhook_endpoint, webhook_delivery, export_job, export_stream',
      ),
    async close(): Promise<void> {
      await sql.end();
      await made.drop();
    },
  };
}
type Fixture = Awaited<ReturnType<typeof openFixture>>;

/** A fixture for the tests of a file, emptied after each. Its members exist from `beforeAll` on. */
export function useFixture(): Fixture {
  const fixture = {} as Fixture;
  beforeAll(async () => {
    Object.assign(fixture, await openFixture());
  });
  afterEach(async () => {
    await fixture.empty();
  });
  afterAll(() => fixture.close());
  return fixture;
}
