import { createHash, randomUUID } from 'node:crypto';
import pg from 'pg';
import { expect } from 'vitest';
import { createHandler } from '../../../lambda/migrate/handler.ts';
import { findTenant, type KeyHolder } from '../../../lambda/postgres/tenants/tenants.ts';
import { createDatabase } from '../../support/database.ts';
import { enterDatabase } from '../../support/enter-database.ts';
import { roles } from '../../support/role-shares.ts';
import { invocation, keepingLog } from '../process/workshop.ts';
import { settings } from './settings.ts';

export const hash = (key: string) => createHash('sha256').update(key).digest();
/** The id by which people name a key. */
export const id = (key: string) => hash(key).toString('hex').slice(0, 12);
export const mistake = (code: string) => ({
  name: 'OperationMistake',
  code,
  message: expect.stringContaining(code),
});

/** `migrate` as it is invoked by a person, on a database that is migrated. */
export async function openAsking() {
  const made = await createDatabase();
  const sql = new pg.Client({ ...made, database: made.name });
  await sql.connect();
  const log = keepingLog();
  const open = (name = made.name) => enterDatabase(made, name, 'sluice-migrate');
  const terms = { migrations: [], roles, pooled: false };
  const login = () => Promise.reject(new Error('an operation migrates nothing'));

  return {
    sql,
    log,
    open,
    /** What is answered, as it comes over the wire. */
    async ask<Answer = Record<string, unknown>>(event: object, name?: string): Promise<Answer> {
      const handler = createHandler({ database: open(name), terms, settings, login, log });
      const answer = await handler(
        event,
        invocation(() => 60_000),
      );
      return JSON.parse(JSON.stringify(answer)) as Answer;
    },
    /** A tenant with the keys of these names, the first the oldest. */
    async tenant(name: string, ...keys: string[]): Promise<void> {
      await sql.query('insert into tenant (id) values ($1) on conflict do nothing', [name]);
      for (const [place, key] of keys.entries())
        await sql.query(
          'insert into api_key (sha256, tenant_id, created_at) values ($1, $2, now() - make_interval(hours => $3))',
          [hash(key), name, keys.length - place],
        );
    },
    /** Whom a key opens, as the API asks. */
    async holder(key: string): Promise<KeyHolder | undefined> {
      const database = open();
      try {
        return await database.run((connection) => findTenant(connection, hash(key)));
      } finally {
        await database.close();
      }
    },
    /** An image of a tenant, as these columns say. */
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
    empty: () => sql.query('truncate tenant, api_key, image, variant, extra_upload, idempotency_key'),
    async close(): Promise<void> {
      await sql.end();
      await made.drop();
    },
  };
}
export type Asking = Awaited<ReturnType<typeof openAsking>>;
