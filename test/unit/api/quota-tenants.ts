import { createHash, randomUUID } from 'node:crypto';
import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';
import type { Plan } from '../../../lambda/domain/plan.ts';
import type { QuotaStore } from '../../../lambda/domain/quota-store.ts';
import { openQuotas } from '../../../lambda/policy/quotas/quotas.ts';
import { postgresQuotas } from '../../../lambda/postgres/quotas/lease.ts';
import type { RequestOptions } from './events.ts';
import { type Environment, openDatabase, settings, type TestApi } from './test-api.ts';

export const perMonth = (bound: number) => ({ perMonth: bound });
export const imageQuotas = { images: perMonth(2), bytes: perMonth(30_000_000), megapixels: perMonth(1_000) };

/**
 * An environment whose tenants have these quotas. Ten days before the end of the month, whatever the date: in its last hour
 * the RateLimit fields tell less than 3600 s. With `monthEndsInSeconds` so many seconds before it, and time stands still.
 */
export function partsWithPlan(
  { database: address }: Pick<TestApi, 'database'>,
  quotas: Plan['quotas'],
  monthEndsInSeconds?: number,
): Pick<ApiParts, 'settings' | 'database' | 'quotas'> {
  const plans = { default: { weight: 1, quotas } };
  const database = openDatabase(address);
  const clock =
    monthEndsInSeconds === undefined
      ? () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 })
      : () => ({ monotonic: 0, wall: 0 });
  const store = monthEndingIn(monthEndsInSeconds ?? 10 * 86_400, postgresQuotas(database));
  return {
    settings: { ...settings, plans },
    database,
    quotas: openQuotas({ store, plans, limits: settings.limits, clock }),
  };
}

/** The store, but for the end of the month. */
function monthEndingIn(monthEndsInSeconds: number, store: QuotaStore): QuotaStore {
  return {
    ...store,
    async lease(request, signal) {
      const answer = await store.lease(request, signal);
      return answer === undefined ? undefined : { ...answer, monthEndsInSeconds };
    },
  };
}

/** A tenant of its own for a test, and its calls to an environment. */
export async function addTenant(testApi: Pick<TestApi, 'sql'>, api: Environment) {
  const tenant = `tenant-${randomUUID()}`;
  const key = `sluice_${randomUUID()}`;
  await testApi.sql('insert into tenant (id) values ($1)', [tenant]);
  await testApi.sql('insert into api_key (sha256, tenant_id) values ($1, $2)', [
    createHash('sha256').update(key).digest(),
    tenant,
  ]);
  const call = (method: string, path: string, options: RequestOptions = {}) =>
    api.call(method, path, { key, ...options });
  const ticket = (options: RequestOptions = {}, bytes = 1_000) =>
    call('POST', '/v1/images', { body: { contentType: 'image/jpeg', bytes }, ...options });
  return { tenant, key, call, ticket, used: () => usedBy(testApi, tenant) };
}

/** What is counted this month, after what came back. */
export async function usedBy(testApi: Pick<TestApi, 'sql'>, tenant: string): Promise<Record<string, number>> {
  const rows = await testApi.sql<{ resource: string; used: number }>(
    `select resource, of_month - coalesce((select sum(amount) from quota_return back
       where back.tenant_id = use.tenant_id and back.resource = use.resource), 0) as used
     from quota_use use where tenant_id = $1`,
    [tenant],
  );
  return Object.fromEntries(rows.map(({ resource, used }) => [resource, used]));
}
