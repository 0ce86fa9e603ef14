import { describe } from 'vitest';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { postgresRecords } from '../../../lambda/postgres/quotas/records.ts';
import { openValkey } from '../../../lambda/valkey/connection.ts';
import { valkeyQuotas } from '../../../lambda/valkey/quotas.ts';
import { patience } from '../../support/pace.ts';
import { startValkey, valkeyIsHere } from '../../support/valkey/server.ts';
import { openTestDb } from '../postgres/rows.ts';
import { describeQuotaStore } from './store-suite.ts';

describe.skipIf(!valkeyIsHere())('counters on Valkey', () => {
  describeQuotaStore('in Valkey', async () => {
    const [db, server] = await Promise.all([openTestDb(), startValkey({ cluster: true })]);
    const database = keepOpen(db.options('sluice_api'));
    const connections = Array.from({ length: 50 }, () =>
      openValkey({ host: server.socket, port: 0, tls: 'off', callTimeoutMs: patience(5_000) }),
    );
    const stores = connections.map((connection) =>
      valkeyQuotas({
        connection,
        records: postgresRecords(database),
        onUnsaved: (error) => {
          throw error;
        },
      }),
    );
    let calls = 0;
    let tenants = 0;
    const next = () => stores[calls++ % stores.length] as (typeof stores)[number];
    /** Time passes for a tenant when its counters become older. */
    const age = async (tenant: string, seconds: number) => {
      for (const resource of ['requests', 'images', 'bytes', 'megapixels']) {
        const key = `sluice:{${tenant}}:${resource}`;
        const [at, day] = await server.admin.hmget(key, 'at', 'day');
        if (at === null || day === null || at === undefined) continue;
        const days = Math.floor(seconds / 86_400);
        await server.admin.hset(key, 'at', Number(at) - seconds, 'day', Number(day) - days);
      }
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
      pass: age,
      nextDay: (tenant) => age(tenant, 86_400),
      nextMonth: (tenant) => age(tenant, 31 * 86_400),
      async close() {
        for (const connection of connections) connection.close();
        await database.close();
        await Promise.all([db.close(), server.close()]);
      },
    };
  });
});
