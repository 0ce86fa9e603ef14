import type { Resource } from '../../domain/resources.ts';
import type { Connection } from '../connection/connection.ts';

/** What a tenant has used of a resource in the current day and month in UTC, with slices that are not yet spent. */
export interface ResourceUse {
  resource: Resource;
  today: number;
  thisMonth: number;
}

/** Use after what came back. Rows exist since the first use of a bounded resource. */
export async function useOfTenant(connection: Connection, tenant: string): Promise<ResourceUse[]> {
  const { rows } = await connection.query<ResourceUse>(
    `select resource, greatest(0, counted.of_day - returned.of_day) as today,
       greatest(0, counted.of_month - returned.of_month) as "thisMonth"
     from quota_use, lateral (select (now() at time zone 'UTC')::date as today) clock, lateral (
       select case when day = today then of_day else 0 end as of_day,
         case when date_trunc('month', day) = date_trunc('month', today) then of_month else 0 end as of_month) counted,
       lateral (
         select coalesce(sum(amount) filter (where back.day = today), 0) as of_day,
           coalesce(sum(amount) filter (where date_trunc('month', back.day) = date_trunc('month', today)), 0) as of_month
         from (
           select day, amount from quota_return
           where quota_return.tenant_id = quota_use.tenant_id and quota_return.resource = quota_use.resource
           limit 100000) back) returned
     where tenant_id = $1 order by resource`,
    [tenant],
  );
  return rows;
}

/** Removes what no window counts any more: use and returns of earlier months. At most `limit` of each. @returns how many. */
export async function removeOldUse(connection: Connection, { limit }: { limit: number }): Promise<number> {
  const { rowCount: returns } = await connection.query(
    `delete from quota_return where ctid = any(array(
       select ctid from quota_return where day < date_trunc('month', now() at time zone 'UTC') limit $1))`,
    [limit],
  );
  const { rowCount: uses } = await connection.query(
    `delete from quota_use where ctid = any(array(
       select ctid from quota_use where day < date_trunc('month', now() at time zone 'UTC') - interval '1 month' limit $1))`,
    [limit],
  );
  return returns + uses;
}
