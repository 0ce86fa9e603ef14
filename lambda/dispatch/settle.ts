import type { Ending, HealthAfter } from '../domain/webhook.ts';
import { healthAfter } from '../policy/delivery/endpoint-health.ts';
import { endingOf, readRetryAfter, retryPause } from '../policy/delivery/retry.ts';
import type { Connection } from '../postgres/connection/connection.ts';
import {
  bringForward,
  lockEndpoints,
  recordHealth,
  type Settlement,
  settleDeliveries,
} from '../postgres/webhooks/settle.ts';
import type { Dependencies } from './dependencies.ts';
import type { Result } from './read-messages.ts';

/** What waited during a pause is sent within so many seconds of its end. */
const recoverySeconds = 60;

/** What a batch of results came to. */
export interface SettledBatch {
  delivered: number;
  failed: number;
  dead: number;
  /** Endpoints that were paused or disabled. */
  stopped: number;
  /** Seconds after which something is due. */
  dueIn: number[];
}

/**
 * Records results, and decides when each delivery is tried again and what its endpoint may get.
 * @param signal ends the transaction
 */
export async function settle(
  results: readonly Result[],
  { database, random, now }: Pick<Dependencies, 'database' | 'random' | 'now'>,
  signal: AbortSignal,
): Promise<SettledBatch> {
  const retryAfters = new Map<string, number>();
  const settlements = results.map(({ outcome, ...sending }): Settlement => {
    const ending = endingOf(outcome);
    const retryAfter =
      outcome.kind === 'response' && ending === 'failed' ? readRetryAfter(outcome.retryAfter, now()) : 0;
    const { endpoint } = sending;
    retryAfters.set(endpoint, Math.max(retryAfter, retryAfters.get(endpoint) ?? 0));
    return {
      ...sending,
      ending,
      pauseSeconds:
        ending === 'failed' || ending === 'gone' ? retryPause(sending.attempt, random, retryAfter) : 0,
      status: outcome.kind === 'response' ? outcome.status : null,
      fault: outcome.kind === 'fault' ? outcome.fault : null,
    };
  });
  const write = async (connection: Connection): Promise<SettledBatch> => {
    // Before the deliveries, always in this order.
    const before = await lockEndpoints(connection, [...retryAfters.keys()]);
    const settled = await settleDeliveries(connection, settlements);
    const after = new Map<string, HealthAfter>();
    for (const [endpoint, health] of before) {
      const endings: Ending[] = settled
        .filter((one) => one.endpoint === endpoint)
        .map(({ ending }) => ending);
      if (endings.length === 0) continue;
      const next = healthAfter(health, endings, retryAfters.get(endpoint) ?? 0, random);
      // An endpoint that is well is not written.
      if (next.state !== health.state || next.failures !== health.failures || next.holdSeconds > 0)
        after.set(endpoint, next);
    }
    const changed = [...after].filter(([id, { state }]) => state !== before.get(id)?.state);
    const recovered = changed.filter(([, { state }]) => state === 'active').map(([id]) => id);
    await record(connection, after, recovered);
    const count = (holds: (one: (typeof settled)[number]) => boolean) => settled.filter(holds).length;
    return {
      delivered: count(({ ending }) => ending === 'delivered'),
      failed: count(({ ending }) => ending === 'failed' || ending === 'gone'),
      dead: count(({ state }) => state === 'dead'),
      stopped: changed.length - recovered.length,
      dueIn: [
        ...settlements.filter(({ pauseSeconds }) => pauseSeconds > 0).map(({ pauseSeconds }) => pauseSeconds),
        ...[...after.values()]
          .filter(({ holdSeconds }) => holdSeconds > 0)
          .map(({ holdSeconds }) => holdSeconds),
      ],
    };
  };
  return database.transaction(write, { signal });
}

async function record(
  connection: Connection,
  after: ReadonlyMap<string, HealthAfter>,
  recovered: readonly string[],
): Promise<void> {
  if (after.size > 0) await recordHealth(connection, after);
  if (recovered.length > 0) await bringForward(connection, recovered, recoverySeconds);
}
