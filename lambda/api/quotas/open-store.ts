import { countersPassword } from '../../aws/cache-auth.ts';
import type { QuotaStore } from '../../domain/quota-store.ts';
import type { Database } from '../../postgres/connection/connection.ts';
import { postgresQuotas } from '../../postgres/quotas/lease.ts';
import { postgresRecords } from '../../postgres/quotas/records.ts';
import type { CountersEnvironment } from '../../runtime/counters-environment.ts';
import type { Log } from '../../runtime/logger.ts';
import { guardStore } from './store-breaker.ts';

/** The store that the environment names. The client of Valkey is loaded only if it is used. */
export async function openStore(
  environment: CountersEnvironment,
  { database, log }: { database: Database; log: Log },
): Promise<QuotaStore> {
  const { COUNTERS_HOST: host, COUNTERS_PORT: port, COUNTERS_TLS: tls, COUNTERS_USER: user } = environment;
  if (host === undefined) return postgresQuotas(database);
  const password = countersPassword(environment);
  const [{ openValkey }, { valkeyQuotas }] = await Promise.all([
    import('../../valkey/connection.ts'),
    import('../../valkey/quotas.ts'),
  ]);
  const store = valkeyQuotas({
    connection: openValkey({ host, port, tls, user, password }),
    records: postgresRecords(database),
    onUnsaved: (error) => log.warn('Counters of quotas were not saved in the database', { error }),
  });
  return guardStore(store, () => performance.now(), Math.random);
}
