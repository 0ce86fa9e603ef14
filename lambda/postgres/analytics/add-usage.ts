import type { UsagePart } from '../../domain/usage.ts';
import type { Connection } from '../connection/connection.ts';

/*
 * One statement: an event's id and its numbers are written together or not at all. Ids and rows are taken in one order, so
 * that two batches wait for each other and never dead-lock.
 */
const addStatement = {
  name: 'add usage',
  text: `
  with part as (
    select * from jsonb_to_recordset($1::jsonb) as p (event uuid, tenant text, hour timestamptz, type text, preset text,
      code text, images bigint, variants bigint, bytes bigint, megapixels float8, seconds float8)
  ), fresh as (
    insert into usage_event (event_id) select distinct event from part order by event
    on conflict (event_id) do nothing returning event_id
  ), added as (
    insert into usage_hour (tenant_id, hour, type, preset, code, images, variants, bytes, megapixels, seconds)
    select tenant, hour, type, preset, code, sum(images), sum(variants), sum(bytes), sum(megapixels), sum(seconds)
    from part join fresh on event_id = event
    group by tenant, hour, type, preset, code order by tenant, hour, type, preset, code
    on conflict (tenant_id, hour, type, preset, code) do update set images = usage_hour.images + excluded.images,
      variants = usage_hour.variants + excluded.variants, bytes = usage_hour.bytes + excluded.bytes,
      megapixels = usage_hour.megapixels + excluded.megapixels, seconds = usage_hour.seconds + excluded.seconds
  )
  select count(*) as fresh from fresh`,
};

/** Adds the parts of events that were not added before; those of an event are all given. @returns how many events it were. */
export async function addUsage(connection: Connection, parts: readonly UsagePart[]): Promise<number> {
  const { rows } = await connection.query<{ fresh: number }>(addStatement, [JSON.stringify(parts)]);
  return rows[0]?.fresh ?? 0;
}

/** Removes ids of events from before a day ago that many days. At most `limit`. @returns how many. */
export async function forgetEvents(
  connection: Connection,
  { days, limit }: { days: number; limit: number },
): Promise<number> {
  // UUIDv7: the first 48 bits are milliseconds.
  const { rowCount } = await connection.query(
    `delete from usage_event where event_id in (
       select event_id from usage_event
       where event_id < (lpad(to_hex((extract(epoch from now() - make_interval(days => $1)) * 1000)::bigint), 12, '0')
         || repeat('0', 20))::uuid
       order by event_id limit $2)`,
    [days, limit],
  );
  return rowCount;
}
