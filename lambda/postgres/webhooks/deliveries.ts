import type { CallFault, DeliveryState, WebhookEventType } from '../../domain/webhook.ts';
import type { Connection } from '../connection/connection.ts';
import type { EndpointRef } from './endpoints.ts';

/** A delivery as its tenant sees it. */
export interface Delivery {
  /** Id of its event. */
  id: string;
  type: WebhookEventType;
  imageId: string | null;
  state: DeliveryState;
  attempts: number;
  createdAt: Date;
  /** While it waits for its next attempt. */
  nextAttemptAt: Date | null;
  lastAttemptAt: Date | null;
  lastStatus: number | null;
  lastFault: CallFault | null;
}

const columns = `event_id as id, type, image_id as "imageId", state, attempts, since as "createdAt",
  case when state = 'pending' then due_at end as "nextAttemptAt", last_at as "lastAttemptAt",
  last_status as "lastStatus", last_fault as "lastFault"`;

/** In any state, and in one, each in the order of an index. */
const pageStatements = {
  all: {
    name: 'deliveries',
    text: `select ${columns} from webhook_delivery
      where endpoint_id = $1 and ($2::uuid is null or event_id < $2) order by event_id desc limit $3`,
  },
  inState: {
    name: 'deliveries in state',
    text: `select ${columns} from webhook_delivery
      where endpoint_id = $1 and ($2::uuid is null or event_id < $2) and state = $4 order by event_id desc limit $3`,
  },
};

/** Deliveries of an endpoint, the newest events first, after the delivery `before`. */
export async function listDeliveries(
  connection: Connection,
  endpoint: string,
  { state, before, limit }: { state?: DeliveryState; before?: string; limit: number },
): Promise<Delivery[]> {
  const values = [endpoint, before ?? null, limit];
  const { rows } = await (state === undefined
    ? connection.query<Delivery>(pageStatements.all, values)
    : connection.query<Delivery>(pageStatements.inState, [...values, state]));
  return rows;
}

/** Adds a delivery of an event that is no image's. */
export async function insertTest(
  connection: Connection,
  endpoint: string,
  { event, type, body }: { event: string; type: WebhookEventType; body: string },
): Promise<void> {
  await connection.query(
    'insert into webhook_delivery (endpoint_id, event_id, type, body) values ($1, $2, $3, $4)',
    [endpoint, event, type, body],
  );
}

const again = `state = 'pending', attempts = 0, since = now(), due_at = now(), failed_since = null, updated_at = now()`;

/** Sends a delivery that ended anew, with 24 hours of its own. @returns its state before, or undefined */
export async function replayDelivery(
  connection: Connection,
  { tenant, id }: EndpointRef,
  event: string,
): Promise<DeliveryState | undefined> {
  const { rows } = await connection.query<{ state: DeliveryState }>(
    `with found as (
       select endpoint_id, event_id, delivery.state from webhook_delivery delivery
         join webhook_endpoint endpoint on endpoint.id = endpoint_id
       where endpoint_id = $1 and tenant_id = $2 and deleted_at is null and event_id = $3
     ), replayed as (
       update webhook_delivery delivery set ${again} from found
       where delivery.endpoint_id = found.endpoint_id and delivery.event_id = found.event_id
         and delivery.state in ('delivered', 'dead')
     )
     select state from found`,
    [id, tenant, event],
  );
  return rows[0]?.state;
}

/** Sends dead deliveries of an endpoint anew, the oldest events first. @returns how many, at most `limit` */
export async function replayDead(connection: Connection, endpoint: string, limit: number): Promise<number> {
  const { rowCount } = await connection.query(
    `with ended as materialized (
       select endpoint_id, event_id from webhook_delivery
       where endpoint_id = $1 and state = 'dead' order by event_id limit $2 for no key update skip locked
     )
     update webhook_delivery delivery set ${again}
     from ended where delivery.endpoint_id = ended.endpoint_id and delivery.event_id = ended.event_id`,
    [endpoint, limit],
  );
  return rowCount;
}
