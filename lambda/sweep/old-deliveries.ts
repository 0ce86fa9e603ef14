import {
  removeDeletedEndpoints,
  removeDeliveriesOfDeleted,
  removeEndedDeliveries,
} from '../postgres/webhooks/retention.ts';
import type { Dependencies } from './dependencies.ts';
import type { Duty } from './turns.ts';

/** Rows of some kilobytes: a batch takes about a second. */
const limit = 5_000;

/** Removes deliveries of webhooks that ended long ago, those of deleted webhooks, and then these webhooks. */
export function oldDeliveries({ database, deliveryKeepDays }: Dependencies): Duty {
  return async ({ record }) => {
    const each = await database.run(
      async (connection) => ({
        ended: await removeEndedDeliveries(connection, { days: deliveryKeepDays, limit }),
        ofDeleted: await removeDeliveriesOfDeleted(connection, { limit }),
        webhooks: await removeDeletedEndpoints(connection, { limit }),
      }),
      { signal: record },
    );
    return { counts: each, more: Object.values(each).some((removed) => removed === limit) };
  };
}
