import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { QuotaRecords } from '../../../lambda/domain/quota-records.ts';
import type { Ask, Bounds } from '../../../lambda/domain/quota-store.ts';
import type { Resource } from '../../../lambda/domain/resources.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { postgresRecords } from '../../../lambda/postgres/quotas/records.ts';
import { openValkey, type ValkeyConnection } from '../../../lambda/valkey/connection.ts';
import { valkeyQuotas } from '../../../lambda/valkey/quotas.ts';
import { patience } from '../../support/pace.ts';
import { startValkey, type ValkeyServer } from '../../support/valkey/server.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';

/** What is wanted of a resource, no more than a request needs. */
export const ask = (bounds: Bounds, need: number, resource: Resource = 'images'): Ask => ({
  resource,
  bounds,
  need,
  queue: need,
  want: need,
});

/** A server of counters, Postgres behind it, and a tenant of its own for each test. */
export function useCounters() {
  let db: TestDb;
  let server: ValkeyServer;
  let database: ReturnType<typeof keepOpen>;
  let connection: ValkeyConnection;
  let unsaved: unknown[];
  let tenant: string;
  let tenants = 0;

  const newTenant = async () => {
    const name = `tenant-${++tenants}`;
    await db.admin.query('insert into tenant (id) values ($1)', [name]);
    return name;
  };
  beforeAll(async () => {
    [db, server] = await Promise.all([openTestDb(), startValkey()]);
    database = keepOpen(db.options('sluice_api'));
    connection = openValkey({
      host: server.socket,
      port: 0,
      tls: 'off',
      connectTimeoutMs: patience(2_000),
      callTimeoutMs: patience(500),
    });
  });
  afterAll(async () => {
    connection.close();
    await database.close();
    await Promise.all([db.close(), server.close()]);
  });
  beforeEach(async () => {
    unsaved = [];
    tenant = await newTenant();
  });

  const records = () => postgresRecords(database);
  const store = (kept: QuotaRecords = records()) =>
    valkeyQuotas({ connection, records: kept, onUnsaved: (error) => unsaved.push(error) });
  return {
    get tenant() {
      return tenant;
    },
    get server() {
      return server;
    },
    get db() {
      return db;
    },
    get unsaved() {
      return unsaved;
    },
    newTenant,
    records,
    store,
    /** A lease of one resource for the test's tenant. */
    async lease(bounds: Bounds, need = 1, resource: Resource = 'images') {
      const answer = await store().lease({ tenant, asks: [ask(bounds, need, resource)], rests: [] });
      const [first] = answer?.leases ?? [];
      if (answer === undefined || first === undefined) throw new Error('no lease');
      return { ...first, day: answer.day };
    },
    /** What Postgres has of the tenant's images. */
    async row() {
      const { rows } = await db.admin.query<{ of_day: number; of_month: number; returned_of_day: number }>(
        `select of_day, of_month, returned_of_day from quota_use where tenant_id = $1 and resource = 'images'`,
        [tenant],
      );
      return rows[0];
    },
    /** A reservation of the tenant that ended in Postgres, as the trigger of images returns it. */
    async comesBack(amount: number, day: string) {
      await db.admin.query("insert into quota_return values ($1, 'images', $2, $3, now())", [
        tenant,
        amount,
        day,
      ]);
    },
    /** Makes the tenant's next save due. */
    async later() {
      await server.admin.hincrbyfloat(`sluice:{${tenant}}:images`, 'savedAt', -60);
    },
    /** Closes the connections of all others, as a server does with those that are idle. */
    async closeConnections() {
      await server.admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    },
  };
}
