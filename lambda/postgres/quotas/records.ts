import type { CountedUse, QuotaRecords, Returned } from '../../domain/quota-records.ts';
import type { Resource } from '../../domain/resources.ts';
import type { CallOptions, Connection, Database } from '../connection/connection.ts';

const columns = `resource, bucket, extract(epoch from bucket_at)::float8 as "bucketAt", day::text, of_day as "ofDay",
  of_month as "ofMonth", returned_of_day as "returnedOfDay", returned_of_month as "returnedOfMonth"`;

/** Reads uses, and inserts those of resources that a tenant uses for the first time. */
const readStatement = {
  name: 'read use',
  text: `
  with added as (
    insert into quota_use (tenant_id, resource) select id, unnest($2::text[]) from tenant where id = $1
    on conflict do nothing returning *
  )
  select ${columns} from quota_use where tenant_id = $1 and resource = any($2)
  union all select ${columns} from added`,
};

/** @returns undefined for an unknown tenant */
export async function readUse(
  connection: Connection,
  tenant: string,
  resources: readonly Resource[],
): Promise<CountedUse[] | undefined> {
  const { rows } = await connection.query<CountedUse>(readStatement, [tenant, resources]);
  // Between the two parts another session may have inserted a row that neither of them sees.
  if (rows.length > 0 && rows.length < resources.length) return readUse(connection, tenant, resources);
  return rows.length === 0 ? undefined : rows;
}

/** Of one save: 10,000 images of a tenant that ended since the last one. The next save takes the others. */
const mostReturns = 10_000;

/*
 * Returns are deleted and added to the totals of the row in one statement: either both happen or nothing. A use that was
 * counted before the saved one changes no window; saves of environments overtake each other.
 */
const saveStatement = {
  name: 'save use',
  text: `
  with saved as (
    select * from jsonb_to_recordset($2::jsonb) as s (resource text, bucket float8, "bucketAt" float8, day date,
      "ofDay" float8, "ofMonth" float8, "returnedOfDay" float8, "returnedOfMonth" float8, "perSecond" float8)
  ), used as materialized (
    select quota_use.* from quota_use
    where tenant_id = $1 and resource = any($3)
    order by resource for update
  ), back as (
    delete from quota_return where ctid = any(array(
      select ctid from quota_return
      where tenant_id = $1 and resource = any($3) and (select count(*) from used) > 0 limit ${mostReturns}))
    returning resource, amount, day, greatest(0, extract(epoch from clock_timestamp() - taken_at)) as age
  ), ahead as (
    select used.*, saved."perSecond", saved.bucket as now_bucket, to_timestamp(saved."bucketAt") as now_at,
      to_timestamp(saved."bucketAt") >= used.bucket_at as fresh, greatest(used.day, saved.day) as today,
      saved.day as now_day, saved."ofDay" + saved."returnedOfDay" as gross_day,
      saved."ofMonth" + saved."returnedOfMonth" as gross_month
    from used join saved using (resource)
  ), returned as (
    select back.resource, sum(greatest(0, amount - "perSecond" * age)) as to_bucket,
      coalesce(sum(amount) filter (where back.day = today), 0) as of_day,
      coalesce(sum(amount) filter (where date_trunc('month', back.day) = date_trunc('month', today)), 0) as of_month
    from back join ahead using (resource) group by back.resource
  ), totals as (
    select ahead.*, coalesce(returned.to_bucket, 0) as to_bucket,
      coalesce(returned.of_day, 0) as back_day, coalesce(returned.of_month, 0) as back_month,
      case when day = today then returned_of_day else 0 end + coalesce(returned.of_day, 0) as total_day,
      case when date_trunc('month', day) = date_trunc('month', today) then returned_of_month else 0 end
        + coalesce(returned.of_month, 0) as total_month
    from ahead left join returned using (resource)
  )
  update quota_use set
    bucket = greatest(0, case when fresh then now_bucket else totals.bucket end - to_bucket),
    bucket_at = case when fresh then now_at else totals.bucket_at end,
    day = today,
    of_day = greatest(0, case when fresh and now_day = today then gross_day - total_day
      when totals.day = today then totals.of_day - back_day else 0 end),
    of_month = greatest(0, case when fresh and date_trunc('month', now_day) = date_trunc('month', today)
      then gross_month - total_month
      when date_trunc('month', totals.day) = date_trunc('month', today) then totals.of_month - back_month else 0 end),
    returned_of_day = total_day, returned_of_month = total_month
  from totals
  where quota_use.tenant_id = $1 and quota_use.resource = totals.resource
  returning quota_use.resource, today::text as day, total_day as "ofDay", total_month as "ofMonth",
    to_bucket as "toBucket"`,
};

/** Saves uses and adds up what came back; unknown tenants have neither. */
export async function saveUse(
  connection: Connection,
  tenant: string,
  uses: readonly (CountedUse & { perSecond: number })[],
): Promise<Returned[]> {
  const names = uses.map(({ resource }) => resource);
  const { rows } = await connection.query<Returned>(saveStatement, [tenant, JSON.stringify(uses), names]);
  return rows;
}

/** The durable copy of counters that are elsewhere. */
export function postgresRecords(database: Pick<Database, 'run'>): QuotaRecords {
  const options = (signal?: AbortSignal): CallOptions => (signal === undefined ? {} : { signal });
  return {
    read: (tenant, resources, signal) =>
      database.run((connection) => readUse(connection, tenant, resources), options(signal)),
    save: (tenant, uses, signal) =>
      database.run((connection) => saveUse(connection, tenant, uses), options(signal)),
  };
}
