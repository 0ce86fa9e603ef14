import type { ImageEvent } from '../../domain/event.ts';
import type { Connection } from '../connection/connection.ts';

const fanOutStatement = {
  name: 'fan out',
  text: `insert into webhook_delivery (endpoint_id, event_id, type, image_id, sequence, body)
    select endpoint.id, event.id, event.type, event.image_id, event.sequence, event.body
    from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::timestamptz[], $7::text[])
        as event (id, type, tenant, image_id, sequence, at, body)
      -- \`offset\` keeps it a look-up of each tenant's few endpoints: a join of all would read all of them.
      cross join lateral (
        select id from webhook_endpoint
        where tenant_id = event.tenant and deleted_at is null and state <> 'disabled' and created_at <= event.at
          and (types = '{}' or event.type = any(types))
        offset 0) as endpoint
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
