import { randomUUID } from 'node:crypto';
import type { AdmissionPolicy } from '../../policy/admission/admission.ts';
import { syncBacklog } from '../../postgres/backlog/sync.ts';
import type { ApiParts } from '../http/endpoint.ts';

/** The exchange of one environment with the others, through the database. */
interface Exchange {
  environment: string;
  seen: string | undefined;
  flight: Promise<void> | undefined;
}
const exchanges = new WeakMap<AdmissionPolicy, Exchange>();

/**
 * The policy, with a snapshot of the last second: one statement a second, whatever the number of requests.
 * @throws TransientFailure `database_unavailable`.
 */
export async function freshAdmission({ admission, database }: ApiParts): Promise<AdmissionPolicy> {
  if (!admission.stale()) return admission;
  const exchange = exchanges.get(admission) ?? {
    environment: randomUUID(),
    seen: undefined,
    flight: undefined,
  };
  exchanges.set(admission, exchange);
  exchange.flight ??= sync(admission, database, exchange).finally(() => {
    exchange.flight = undefined;
  });
  await exchange.flight;
  return admission;
}

async function sync(
  admission: AdmissionPolicy,
  database: ApiParts['database'],
  exchange: Exchange,
): Promise<void> {
  const { environment, seen } = exchange;
  const snapshot = await database.run((connection) =>
    // Only now, as there is a connection: while the database is unavailable there is much to share.
    syncBacklog(connection, { environment, turns: admission.news(), seen }),
  );
  exchange.seen = snapshot.seen;
  admission.learn(snapshot);
}
