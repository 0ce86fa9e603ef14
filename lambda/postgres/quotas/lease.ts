import {
  type Lease,
  type LeaseAnswer,
  type LeaseRequest,
  type QuotaStore,
  type Rest,
  slicePart,
} from '../../domain/quota-store.ts';
import type { CallOptions, Connection, Database } from '../connection/connection.ts';
import { sqlState } from '../connection/failures.ts';

/*
 * One statement for all resources of a request. The rows are locked in one order, then the clock is read, so that no lease
 * sees an earlier time than one that it waited for. Returns are deleted after the lock, in which the statements of a tenant
 * take turns. Two environments that lease at once wait for each other 0.2 ms, not for requests.
 *
 * An amount that comes back to the bucket later than it was taken counts less what has flowed back meanwhile: the bucket
 * would otherwise hold more than if the amount had never been taken.
 */
const leaseStatement = {
  name: 'lease',
  text: `
  with ask as (
    select * from jsonb_to_recordset($2::jsonb) as a (resource text, need float8, queue float8, want float8,
      "perSecond" float8, burst float8, "perDay" float8, "perMonth" float8)
  ), rest as (
    select * from jsonb_to_recordset($3::jsonb) as r (resource text, amount float8, day date, "ageSeconds" float8)
  ), used as materialized (
    select quota_use.* from quota_use
    where tenant_id = $1 and resource = any($5)
    order by resource for update
  ), moment as materialized (
    select at, greatest((at at time zone 'UTC')::date, latest) as today
    from (select clock_timestamp() as at, latest from (select max(day) as latest from used) locked) clock
  ), settled as (
    delete from quota_return
    where tenant_id = $1 and resource = any($5) and (select count(*) from used) > 0
    returning resource, amount, day, taken_at
  ), returned as (
    select back.resource, sum(greatest(0, amount - coalesce("perSecond", 0) * greatest(0, age))) as bucket,
      coalesce(sum(amount) filter (where day = today), 0) as of_day,
      coalesce(sum(amount) filter (where date_trunc('month', day) = date_trunc('month', today)), 0) as of_month
    from moment, (
      select resource, amount, day, "ageSeconds" as age from rest
      union all
      select resource, amount, day, extract(epoch from clock_timestamp() - taken_at) from settled
    ) back join ask using (resource)
    group by back.resource
  ), before as (
    select ask.*, at, today,
      greatest(0, used.bucket - coalesce(returned.bucket, 0)
        - coalesce("perSecond", 0) * greatest(0, extract(epoch from at - used.bucket_at))) as bucket,
      greatest(0, case when used.day = today then used.of_day else 0 end - coalesce(returned.of_day, 0)) as of_day,
      greatest(0, case when date_trunc('month', used.day) = date_trunc('month', today) then used.of_month else 0 end
        - coalesce(returned.of_month, 0)) as of_month
    from ask join used using (resource) left join returned using (resource), moment
  ), open as (
    select *, least("perDay" - of_day, "perMonth" - of_month, 'Infinity') as left_over,
      least(burst - bucket, "perDay" - of_day, "perMonth" - of_month, 'Infinity') as available
    from before
  ), decided as (
    select *, case when bool_and(available >= need) over () and count(*) over () = (select count(*) from ask)
      then greatest(need, floor(least(available, greatest(queue, least(want, left_over * $4)))))
      else 0 end as granted
    from open
  ), written as (
    update quota_use set
      bucket = case when burst is null then 0 else decided.bucket + granted end, bucket_at = at,
      day = today, of_day = decided.of_day + granted, of_month = decided.of_month + granted
    from decided
    where quota_use.tenant_id = $1 and quota_use.resource = decided.resource
  )
  select resource, granted, burst - bucket - granted as rate, "perDay" - of_day - granted as "ofDay",
    "perMonth" - of_month - granted as "ofMonth",
    today::text as day, extract(epoch from (today + 1)::timestamp at time zone 'UTC' - at)::float8 as "dayEnds",
    extract(epoch from (date_trunc('month', today) + interval '1 month') at time zone 'UTC' - at)::float8 as "monthEnds"
  from decided order by resource`,
};

interface Row {
  resource: Lease['resource'];
  granted: number;
  rate: number | null;
  ofDay: number | null;
  ofMonth: number | null;
  day: string;
  dayEnds: number;
  monthEnds: number;
}

/** Leases slices; two more statements for the first use of a resource by a tenant. */
export async function leaseSlices(
  connection: Connection,
  { tenant, asks, rests }: LeaseRequest,
): Promise<LeaseAnswer | undefined> {
  const wanted = asks.map(({ bounds: { rate, ...windows }, ...ask }) => ({ ...ask, ...rate, ...windows }));
  const names = asks.map(({ resource }) => resource);
  const run = (given: readonly Rest[]) =>
    connection.query<Row>(leaseStatement, [
      tenant,
      JSON.stringify(wanted),
      JSON.stringify(given),
      slicePart,
      names,
    ]);
  let { rows } = await run(rests);
  if (rows.length < asks.length) {
    // The first use of a resource by this tenant, or no such tenant.
    await connection
      .query(
        `insert into quota_use (tenant_id, resource) select id, unnest($2::text[]) from tenant where id = $1
         on conflict do nothing`,
        [tenant, names],
      )
      .catch((error: unknown) => {
        // Removed meanwhile.
        if (sqlState(error) !== foreignKeyViolation) throw error;
      });
    ({ rows } = await run([]));
  }
  const [first] = rows;
  if (first === undefined || rows.length < asks.length) return undefined;
  return {
    leases: rows.map(({ resource, granted, rate, ofDay, ofMonth }) => ({
      resource,
      granted,
      remaining: {
        ...(rate === null ? {} : { rate: Math.max(0, rate) }),
        ...(ofDay === null ? {} : { day: Math.max(0, ofDay) }),
        ...(ofMonth === null ? {} : { month: Math.max(0, ofMonth) }),
      },
    })),
    day: first.day,
    dayEndsInSeconds: first.dayEnds,
    monthEndsInSeconds: first.monthEnds,
  };
}

const returnStatement = {
  name: 'return slices',
  text: `insert into quota_return (tenant_id, resource, amount, day, taken_at)
     select tenant, resource, amount, day, now() - make_interval(secs => "ageSeconds")
     from jsonb_to_recordset($1::jsonb) as r (tenant text, resource text, amount float8, day date, "ageSeconds" float8)`,
};

/** Appends what comes back; the tenant's next lease adds it up. */
export async function returnSlices(
  connection: Connection,
  rests: readonly (Rest & { tenant: string })[],
): Promise<void> {
  await connection.query(returnStatement, [JSON.stringify(rests)]);
}

const foreignKeyViolation = '23503';

/** The use of quotas in Postgres. */
export function postgresQuotas(database: Pick<Database, 'run'>): QuotaStore {
  const options = (signal?: AbortSignal): CallOptions => (signal === undefined ? {} : { signal });
  return {
    lease: (request, signal) =>
      database.run((connection) => leaseSlices(connection, request), options(signal)),
    giveBack: (rests, signal) =>
      database.run((connection) => returnSlices(connection, rests), options(signal)),
  };
}
