-- The backlog of each tenant, counted as rows change. Each statement that writes images appends what it changed to
-- work_delta, in its own transaction: no row is shared by writers, and a crash loses both or neither. About once a
-- second one session adds the deltas to tenant_backlog (sync_backlog), which the others read.
--
-- Work is counted in thousandths of an ordinary photograph, as whole numbers: sums of reals depend on their order.

-- Expected cost of an image relative to an ordinary photograph.
alter table image add column work real not null default 1;
alter table image add constraint image_work_check check (work > 0 and work < 1e6) not valid;

create table work_delta (
  -- Null in the row about the claims of a statement.
  tenant_id text,
  images integer not null default 0,
  work bigint not null default 0,
  tickets integer not null default 0,
  ticket_work bigint not null default 0,
  -- Second since the epoch at which these tickets are over. Null: they belong to no second (a correction).
  expires bigint,
  ended_images integer not null default 0,
  ended_work bigint not null default 0,
  -- First claims, those of them that had waited for five seconds, and the longest wait in seconds.
  claimed integer not null default 0,
  waited integer not null default 0,
  longest_wait real
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000, autovacuum_vacuum_cost_delay = 0);

-- A tenant without work and usable tickets has no row.
create table tenant_backlog (
  tenant_id text primary key,
  images integer not null,
  work bigint not null,
  tickets integer not null,
  ticket_work bigint not null
) with (fillfactor = 50);

-- Usable tickets by the second in which they are over, so that these leave the count without a write to image.
create table ticket_expiry (
  expires bigint,
  tenant_id text,
  tickets integer not null,
  ticket_work bigint not null,
  primary key (expires, tenant_id)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0);

-- What ended between two roll-ups while other work waited: the pace of the workers.
create table drain_interval (
  id bigint generated always as identity primary key,
  ended_at timestamptz not null,
  seconds real not null,
  work bigint not null,
  images integer not null
);

-- One row: the last roll-up and what it saw.
create table backlog_roll_up (
  single boolean primary key default true check (single),
  rolled_at timestamptz not null,
  -- Time since which the oldest queued image waits.
  oldest_at timestamptz,
  -- Last first claims, whether a fifth of them had waited, and their longest wait in seconds.
  claimed_at timestamptz not null default '-infinity',
  claims_waited boolean not null default false,
  -- Last time that an image was claimed first, or ended.
  worked_at timestamptz not null default '-infinity',
  longest_wait real not null default 0,
  reconciled_at timestamptz not null,
  -- tenant_backlog and drain_interval as readers get them: made once, read by every environment.
  tenants json not null default '[]',
  ended json not null default '[]'
) with (fillfactor = 10);
alter table backlog_roll_up alter column tenants set storage external, alter column ended set storage external;

-- Lines of refused requests that environments of the API share, for 5 s.
create table backlog_turns (
  id bigint generated always as identity primary key,
  environment text not null,
  made_at timestamptz not null default clock_timestamp(),
  -- The reader's snapshot decides what is new to it: ids commit in any order.
  made_by xid8 not null default pg_current_xact_id(),
  bytes bytea not null
);

-- How an image counts, by its status, deleted_at, work and ticket_expires_at. Inlined into its callers.
create function counts_as(text, timestamptz, real, timestamptz)
returns table (images integer, work bigint, tickets integer, ticket_work bigint, expires bigint,
  ended_images integer, ended_work bigint)
language sql stable as $$
  select working::integer, case when working then thousandths else 0 end,
    awaited::integer, case when awaited then thousandths else 0 end,
    case when awaited then ceil(extract(epoch from $4))::bigint end,
    ended::integer, case when ended then thousandths else 0 end
  from (select round($3 * 1000)::bigint as thousandths,
    $1 in ('queued', 'processing') and $2 is null as working,
    $1 = 'awaiting_upload' and $2 is null as awaited,
    $1 in ('ready', 'rejected', 'failed') as ended) as kind
$$;

-- The sums of a statement: new rows less old ones. What it did not change leaves no delta. A redriven image, which
-- leaves `failed`, takes nothing from the work that ended.
create function count_work() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into public.work_delta (tenant_id, images, work, tickets, ticket_work, expires)
    select n.tenant_id, sum(c.images), sum(c.work), sum(c.tickets), sum(c.ticket_work), c.expires
    from new_rows n, public.counts_as(n.status, n.deleted_at, n.work, n.ticket_expires_at) c
    group by n.tenant_id, c.expires
    having sum(c.images) <> 0 or sum(c.tickets) <> 0;
  elsif tg_op = 'DELETE' then
    insert into public.work_delta (tenant_id, images, work, tickets, ticket_work, expires)
    select o.tenant_id, -sum(c.images), -sum(c.work), -sum(c.tickets), -sum(c.ticket_work), c.expires
    from old_rows o, public.counts_as(o.status, o.deleted_at, o.work, o.ticket_expires_at) c
    group by o.tenant_id, c.expires
    having sum(c.images) <> 0 or sum(c.tickets) <> 0;
  else
    insert into public.work_delta
      (tenant_id, images, work, tickets, ticket_work, expires, ended_images, ended_work)
    select tenant_id, sum(sign * images), sum(sign * work), sum(sign * tickets), sum(sign * ticket_work), expires,
      greatest(0, sum(sign * ended_images)), greatest(0, sum(sign * ended_work))
    from (
      select n.tenant_id, 1 as sign, c.*
      from new_rows n, public.counts_as(n.status, n.deleted_at, n.work, n.ticket_expires_at) c
      union all
      select o.tenant_id, -1, c.*
      from old_rows o, public.counts_as(o.status, o.deleted_at, o.work, o.ticket_expires_at) c
    ) changed
    group by tenant_id, expires
    having sum(sign * images) <> 0 or sum(sign * work) <> 0 or sum(sign * tickets) <> 0
      or sum(sign * ticket_work) <> 0 or sum(sign * ended_images) > 0;
    insert into public.work_delta (claimed, waited, longest_wait)
    select count(*), count(*) filter (where wait >= 5), max(wait)
    from (
      select greatest(0, extract(epoch from now() - enqueued_at)) as wait
      from new_rows where status = 'processing' and attempt = 1 and updated_at = now() and enqueued_at is not null
    ) first_claims
    having count(wait) > 0;
  end if;
  return null;
end $$;

-- Adds the deltas to the sums and takes out the tickets that are over. Only under the lock of sync_backlog.
create function roll_up_backlog(last timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := clock_timestamp();
  second constant bigint := floor(extract(epoch from at));
  seconds constant real := extract(epoch from at - last);
  sums record;
  queue record;
begin
  with gone as (
    -- Few enough for one statement, also when no one has asked for a day. They add up in any order.
    delete from public.work_delta where ctid = any(array(select ctid from public.work_delta limit 100000)) returning *
  ), counted as (
    insert into public.tenant_backlog as b (tenant_id, images, work, tickets, ticket_work)
    select tenant_id, sum(images), sum(work), sum(usable * tickets), sum(usable * ticket_work)
    from (select gone.*, (expires is null or expires > second)::integer as usable from gone) d
    where tenant_id is not null
    group by tenant_id
    having sum(images) <> 0 or sum(work) <> 0 or sum(usable * tickets) <> 0 or sum(usable * ticket_work) <> 0
    on conflict (tenant_id) do update set images = b.images + excluded.images, work = b.work + excluded.work,
      tickets = b.tickets + excluded.tickets, ticket_work = b.ticket_work + excluded.ticket_work
  ), issued as (
    insert into public.ticket_expiry as e (expires, tenant_id, tickets, ticket_work)
    select expires, tenant_id, sum(tickets), sum(ticket_work) from gone where expires > second
    group by expires, tenant_id
    having sum(tickets) <> 0 or sum(ticket_work) <> 0
    on conflict (expires, tenant_id) do update set tickets = e.tickets + excluded.tickets,
      ticket_work = e.ticket_work + excluded.ticket_work
  )
  select coalesce(sum(ended_work), 0) as work, coalesce(sum(ended_images), 0) as images, sum(claimed) as claimed,
    sum(waited) as waited, coalesce(max(longest_wait), 0) as longest_wait
  into sums from gone;

  with over as (
    delete from public.ticket_expiry where expires <= second returning *
  )
  update public.tenant_backlog b set tickets = b.tickets - o.tickets, ticket_work = b.ticket_work - o.ticket_work
  from (select tenant_id, sum(tickets) as tickets, sum(ticket_work) as ticket_work from over group by tenant_id) o
  where b.tenant_id = o.tenant_id;
  delete from public.tenant_backlog where images = 0 and work = 0 and tickets = 0 and ticket_work = 0;

  -- Whether more than a few images, which no worker has tried, have waited since the last roll-up.
  select count(*) filter (where attempt = 0 and since <= last) as untried, min(since) as oldest_at
  into queue
  from (
    select attempt, coalesce(enqueued_at, updated_at) as since from public.image
    where status = 'queued' and deleted_at is null
    order by coalesce(enqueued_at, updated_at), id limit 32
  ) oldest;
  update public.backlog_roll_up u set oldest_at = queue.oldest_at,
    claimed_at = case when sums.claimed > 0 then at else u.claimed_at end,
    worked_at = case when sums.claimed > 0 or sums.images > 0 then at else u.worked_at end,
    claims_waited = case when sums.claimed > 0 then sums.waited * 5 >= sums.claimed else u.claims_waited end,
    longest_wait = case when sums.claimed > 0 then sums.longest_wait else u.longest_wait end;
  -- Not while the workers do nothing, or cannot: an outage tells nothing of their pace.
  if seconds between 0 and 120 then
    insert into public.drain_interval (ended_at, seconds, work, images)
    select at, seconds, sums.work, sums.images from public.backlog_roll_up
    where (queue.untried >= 16 or (claims_waited and claimed_at > at - interval '30 seconds'))
      and worked_at > at - interval '30 seconds';
    delete from public.drain_interval where id <= (select max(id) from public.drain_interval) - 120;
  end if;
  update public.backlog_roll_up set rolled_at = at,
    tenants = (select coalesce(json_agg(json_build_array(tenant_id, images, work, tickets, ticket_work)), '[]')
      from public.tenant_backlog),
    ended = (select coalesce(json_agg(json_build_array(round(extract(epoch from ended_at) * 1000),
      round(i.seconds::numeric, 3), work, images) order by id), '[]') from public.drain_interval i);
  delete from public.backlog_turns where made_at not between at - interval '5 seconds' and at + interval '5 seconds';
end $$;

-- Shares turns, rolls up if the last time was a second ago and no one else does, and returns the backlog.
create function sync_backlog(environment text, turns bytea, seen text)
returns table (at float8, tenants json, ended json, oldest float8, environments integer, shared json, seen_now text)
language plpgsql security definer set search_path = '' as $$
declare
  last timestamptz;
begin
  if turns is not null then
    insert into public.backlog_turns (environment, bytes) values (sync_backlog.environment, turns);
  end if;
  select rolled_at into last from public.backlog_roll_up;
  if (last not between clock_timestamp() - interval '0.9 seconds' and clock_timestamp())
    and pg_try_advisory_xact_lock(7358202) then
    -- Again: the one before may have ended in between.
    select rolled_at into last from public.backlog_roll_up;
    if last not between clock_timestamp() - interval '0.9 seconds' and clock_timestamp() then
      perform public.roll_up_backlog(last);
    end if;
  end if;
  return query
  select extract(epoch from clock_timestamp())::float8 * 1000,
    u.tenants, u.ended,
    greatest(0, extract(epoch from clock_timestamp() - u.oldest_at),
      case when u.claimed_at > clock_timestamp() - interval '30 seconds' then u.longest_wait end)::float8,
    -- Frozen environments keep their session.
    (select greatest(1, count(*))::integer from pg_stat_activity a
     where a.usename = 'sluice_api' and a.datname = current_database()
       and coalesce(a.state_change > clock_timestamp() - interval '1 minute', true)),
    (select coalesce(json_agg(json_build_array(t.environment, encode(t.bytes, 'base64')) order by t.id), '[]')
     from public.backlog_turns t
     where t.environment <> sync_backlog.environment
       and (seen is null or not pg_visible_in_snapshot(t.made_by, seen::pg_snapshot))),
    pg_current_snapshot()::text
  from public.backlog_roll_up u;
end $$;

revoke all on function counts_as(text, timestamptz, real, timestamptz), count_work(), roll_up_backlog(timestamptz),
  sync_backlog(text, bytea, text) from public;
grant execute on function sync_backlog(text, bytea, text) to sluice_api, sluice_sweep;

create trigger count_inserted after insert on image
  referencing new table as new_rows for each statement execute function count_work();
create trigger count_updated after update on image
  referencing old table as old_rows new table as new_rows for each statement execute function count_work();
create trigger count_deleted after delete on image
  referencing old table as old_rows for each statement execute function count_work();

-- What there is already, by indexes of what is unfinished. The triggers above let no one write meanwhile.
insert into backlog_roll_up (rolled_at, reconciled_at) values (now(), now());
insert into work_delta (tenant_id, images, work)
select tenant_id, count(*), 1000 * count(*) from image
where status in ('queued', 'processing') and deleted_at is null group by tenant_id;
insert into work_delta (tenant_id, tickets, ticket_work, expires)
select tenant_id, count(*), 1000 * count(*), ceil(extract(epoch from ticket_expires_at))
from image where status = 'awaiting_upload' and deleted_at is null and ticket_expires_at > now()
group by tenant_id, ceil(extract(epoch from ticket_expires_at));
