import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { postgresQuotas } from '../../../lambda/postgres/quotas/lease.ts';
import { openTestDb } from '../postgres/rows.ts';
import { describeQuotaStore } from './store-suite.ts';

describeQuotaStore('in Postgres', async () => {
  const db = await openTestDb();
  // Calls of one connection take turns, so concurrent leases need several.
  const databases = Array.from({ length: 4 }, () => keepOpen(db.options('sluice_api')));
  const stores = databases.map((database) => postgresQuotas(database));
  let calls = 0;
  let tenants = 0;
  const next = () => stores[calls++ % stores.length] as (typeof stores)[number];
  /** Time passes for a tenant when its rows become older. */
  const age = async (tenant: string, interval: string) => {
    await db.admin.query(
      `update quota_use set bucket_at = bucket_at - $2::interval, day = (day - $2::interval)::date where tenant_id = $1`,
      [tenant, interval],
    );
  };
  return {
    store: {
      lease: (request) => next().lease(request),
      giveBack: (rests) => next().giveBack(rests),
    },
    async tenant() {
      const name = `tenant-${++tenants}`;
      await db.admin.query('insert into tenant (id) values ($1)', [name]);
      return name;
    },
    async pass(tenant, seconds) {
      await db.admin.query(
        'update quota_use set bucket_at = bucket_at - make_interval(secs => $2) where tenant_id = $1',
        [tenant, seconds],
      );
    },
    nextDay: (tenant) => age(tenant, '1 day'),
    nextMonth: (tenant) => age(tenant, '1 month'),
    async close() {
      await Promise.all(databases.map((database) => database.close()));
      await db.close();
    },
  };
});
