import type { ImageEvent } from '../../domain/event.ts';
import { mostMadeInPause } from '../../domain/webhook.ts';
import type { Connection } from '../connection/connection.ts';

const fanOutStatement = {
  name: 'fan out',
  text: `with event as (
      select * from unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::integer[], $6::timestamptz[], $7::text[])
        as event (id, type, tenant, image_id, sequence, at, body)
    ), endpoint as materialized (
      select own.*, own.state = 'paused' as is_paused, own.state = 'paused' and own.made_in_pause >= $8 as is_full
      from (select distinct tenant from event) as tenant
        -- \`offset\` keeps it a look-up of each tenant's few endpoints: a join of all would read all of them.
        cross join lateral (
          select id, tenant_id, types, state, created_at, made_in_pause from webhook_endpoint
          where tenant_id = tenant.tenant and deleted_at is null and state <> 'disabled' offset 0) as own
    ), wanted as (
      select endpoint.id as endpoint_id, is_paused, is_full, event.*
      from event join endpoint on tenant_id = event.tenant and created_at <= event.at
        and (types = '{}' or event.type = any(types))
    ), made as (
      insert into webhook_delivery (endpoint_id, event_id, type, image_id, sequence, body)
      select endpoint_id, id, type, image_id, sequence, body from wanted where not is_full
      on conflict do nothing
      returning 1
    ), locked as materialized (
      -- In the order in which \`dispatch\` locks them (lockEndpoints). The array is for the planner, which would scan the table
      -- for the join alone.
      select id as locked_id from webhook_endpoint
      where id = any(array(select endpoint_id from wanted where is_paused)) order by id for no key update
    ), counted as (
      update webhook_endpoint set
        made_in_pause = made_in_pause + case when is_full then 0 else count end,
        missed = missed + case when is_full then count else 0 end
      from locked join (
        select endpoint_id, is_full, count(*) from wanted where is_paused group by endpoint_id, is_full) as more
        on endpoint_id = locked_id
      where id = locked_id and id = any(array(select locked_id from locked))
      returning case when is_full then count else 0 end as missed
    )
    select (select count(*) from made) as made, (select coalesce(sum(missed), 0)::bigint from counted) as missed`,
};

/** What became of events. */
export interface FannedOut {
  /** New deliveries. A repeated event makes none. */
  made: number;
  /** Deliveries that were not made, because its pause had too many. A repeated event counts again. */
  missed: number;
}

/**
 * Makes a delivery of each event for each endpoint of its tenant that wants it.
 * @param most deliveries that may be made in a pause of an endpoint, but for the events of one call
 */
export async function fanOut(
  connection: Connection,
  events: readonly ImageEvent[],
  most: number = mostMadeInPause,
): Promise<FannedOut> {
  const { rows } = await connection.query<FannedOut>(fanOutStatement, [
    events.map(({ id }) => id),
    events.map(({ type }) => type),
    events.map(({ tenant }) => tenant),
    events.map(({ subject }) => subject),
    events.map(({ sequence }) => Number(sequence)),
    events.map(({ time }) => time),
    events.map((event) => JSON.stringify(event)),
    most,
  ]);
  return rows[0] ?? { made: 0, missed: 0 };
}
