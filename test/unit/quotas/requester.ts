import type { Plan } from '../../../lambda/domain/plan.ts';
import type { Limits } from '../../../lambda/domain/settings.ts';
import { openQuotas } from '../../../lambda/policy/quotas/quotas.ts';
import { keepOpen } from '../../../lambda/postgres/connection/persistent-connection.ts';
import { postgresQuotas } from '../../../lambda/postgres/quotas/lease.ts';
import type { DatabaseEnvironment } from '../../../lambda/runtime/environment.ts';

/*
 * A process of its own. For each order it opens what an environment of the API has, says so, and waits for the word to take
 * quotas for many requests at once.
 */

export interface Order {
  environment: DatabaseEnvironment;
  password: string;
  tenant: string;
  plan: Plan;
  limits: Limits;
  /** Requests of a wave, each for one image, and the number of waves. */
  requests: number;
  waves: number;
  /** Limit of every wait for the database. */
  waitMs: number;
}

let flood: (() => Promise<number>) | undefined;

process.on('message', async (message: Order | 'go') => {
  if (message === 'go') process.send?.(await flood?.());
  else {
    flood = await prepare(message);
    process.send?.('connected');
  }
});

/** @returns what takes the quotas; it returns how many requests got theirs. */
async function prepare(order: Order) {
  const { environment, password, tenant, plan, limits, requests, waves } = order;
  const database = keepOpen({
    environment,
    password: async () => password,
    applicationName: 'test',
    // Twenty processes start at once, perhaps beside other tests.
    patienceMs: order.waitMs,
    connectTimeoutMs: order.waitMs,
    statementTimeoutMs: order.waitMs,
  });
  const quotas = openQuotas({
    store: postgresQuotas(database),
    plans: { default: plan },
    limits,
    clock: () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 }),
  });
  await database.run((connection) => connection.query('select 1'));
  return async () => {
    let taken = 0;
    for (let wave = 0; wave < waves; wave += 1) {
      const results = await Promise.all(
        Array.from({ length: requests }, () => quotas.take(tenant, { images: 1 })),
      );
      taken += results.filter(({ outcome }) => outcome === 'taken').length;
    }
    await database.close();
    return taken;
  };
}
