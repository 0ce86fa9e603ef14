import type { ImageEvent } from '../../domain/event.ts';
import type { Connection } from '../connection/connection.ts';

const fanOutStatement = {
  name: 'fan out',
  text: `insert into webhook_delivery (endpoint_id, event_id, type, image_id, sequence, body)
    select endpoint.id, event.id, event.type, event.image_id, event.sequence, event.body
    from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::timestamptz[], $7::text[])
        as event (id, type, tenant, image_id, sequence, at, body)
      join webhook_endpoint endpoint on endpoint.tenant_id = event.tenant and endpoint.deleted_at is null
        and endpoint.state <> 'disabled' and endpoint.created_at <= event.at
        and (endpoint.types = '{}' or event.type = any(endpoint.types))
    on conflict do nothing`,
};

/**
 * Makes a delivery of each event for each endpoint of its tenant that wants it. A repeated event makes none.
 * @returns how many were made
 */
export async function fanOut(connection: Connection, events: readonly ImageEvent[]): Promise<number> {
  const { rowCount } = await connection.query(fanOutStatement, [
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ tenant }) => tenant),
    events.map(({ subject }) => subject),
    events.map(({ sequence }) => Number(sequence)),
    events.map(({ time }) => time),
    events.map((event) => JSON.stringify(event)),
  ]);
  return rowCount;
}
