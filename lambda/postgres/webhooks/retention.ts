import { deliveryLifeSeconds } from '../../domain/webhook.ts';
import type { Connection } from '../connection/connection.ts';

/** Of what was sent a result can come until it is due again. */
const withoutResult = `state in ('pending', 'sent') and (state = 'pending' or due_at <= now())`;

/**
 * Gives up deliveries that have not ended within their 24 hours, as those of a paused endpoint, and those that were sent and
 * have no result any more. @returns how many.
 */
export async function giveUpOld(connection: Connection, { limit }: { limit: number }): Promise<number> {
  const { rowCount } = await connection.query(
    // What somebody has locked is being taken or gets its result. The next run finds what becomes of it.
    `with old as materialized (
       select endpoint_id, event_id from webhook_delivery
       where ${withoutResult} and since < now() - make_interval(secs => $1)
       order by since limit $2 for no key update skip locked
     )
     update webhook_delivery delivery set state = 'dead', updated_at = now()
     from old where delivery.endpoint_id = old.endpoint_id and delivery.event_id = old.event_id`,
    [deliveryLifeSeconds, limit],
  );
  return rowCount;
}

/** Removes deliveries that ended so many days ago. @returns how many. */
export async function removeEndedDeliveries(
  connection: Connection,
  { days, limit }: { days: number; limit: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from webhook_delivery where (endpoint_id, event_id) in (
       select endpoint_id, event_id from webhook_delivery
       where state in ('delivered', 'dead') and updated_at < now() - make_interval(days => $1)
       order by updated_at limit $2)`,
    [days, limit],
  );
  return rowCount;
}

/** Removes deliveries of deleted endpoints. @returns how many. */
export async function removeDeliveriesOfDeleted(
  connection: Connection,
  { limit }: { limit: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from webhook_delivery where (endpoint_id, event_id) in (
       select delivery.endpoint_id, delivery.event_id
       from webhook_endpoint endpoint cross join lateral (
         select endpoint_id, event_id from webhook_delivery where endpoint_id = endpoint.id limit $1) delivery
       where endpoint.deleted_at is not null order by endpoint.deleted_at limit $1)`,
    [limit],
  );
  return rowCount;
}

/** Removes deleted endpoints that have no delivery any more. A minute later, because an event may be on its way to one. */
export async function removeDeletedEndpoints(
  connection: Connection,
  { limit }: { limit: number },
): Promise<number> {
  const { rowCount } = await connection.query(
    `delete from webhook_endpoint where id = any(array(
       select id from webhook_endpoint endpoint
       where deleted_at < now() - interval '1 minute'
         and not exists (select from webhook_delivery where endpoint_id = endpoint.id)
       order by deleted_at limit $1))`,
    [limit],
  );
  return rowCount;
}
