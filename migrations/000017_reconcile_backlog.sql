-- Compares the counted backlog with the images and corrects it (000011).
create function reconcile_backlog(every_seconds float8)
returns table (tenant text, images integer, work float8, tickets integer)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  -- Tickets that end while this runs are left alone.
  soon constant bigint := floor(extract(epoch from clock_timestamp())) + 60;
begin
  if not pg_try_advisory_xact_lock(7358203) then return; end if;
  update public.backlog_roll_up set reconciled_at = clock_timestamp()
  where reconciled_at not between clock_timestamp() - make_interval(secs => every_seconds) and clock_timestamp();
  if not found then return; end if;
  -- One snapshot sees rows, deltas and sums in agreement, whoever writes or rolls up. Corrections are deltas too.
  return query
  with counted as (
    select i.tenant_id, count(*) as images, sum(round(i.work * 1000)::bigint) as work
    from public.image i where i.status in ('queued', 'processing') and i.deleted_at is null group by i.tenant_id
    union all select b.tenant_id, -b.images, -b.work from public.tenant_backlog b
    union all select d.tenant_id, -d.images, -d.work from public.work_delta d where d.tenant_id is not null
  ), issued as (
    select i.tenant_id, c.expires, c.tickets, c.ticket_work
    from public.image i, public.counts_as(i.status, i.deleted_at, i.work, i.ticket_expires_at) c
    where i.status = 'awaiting_upload' and i.deleted_at is null and i.ticket_expires_at > to_timestamp(soon)
    union all
    select e.tenant_id, e.expires, -e.tickets, -e.ticket_work from public.ticket_expiry e where e.expires > soon
    union all
    select d.tenant_id, d.expires, -d.tickets, -d.ticket_work from public.work_delta d where d.expires > soon
  ), summed as (
    select e.tenant_id, e.tickets, e.ticket_work from public.ticket_expiry e
    union all select b.tenant_id, -b.tickets, -b.ticket_work from public.tenant_backlog b
    union all
    select d.tenant_id, -d.tickets, -d.ticket_work from public.work_delta d
    where d.tenant_id is not null and d.expires is null
  ), corrected as (
    insert into public.work_delta as w (tenant_id, images, work, tickets, ticket_work, expires)
    select c.tenant_id, sum(c.images), sum(c.work), 0, 0, null::bigint from counted c
    group by c.tenant_id having sum(c.images) <> 0 or sum(c.work) <> 0
    union all
    select c.tenant_id, 0, 0, sum(c.tickets), sum(c.ticket_work), c.expires from issued c
    group by c.tenant_id, c.expires having sum(c.tickets) <> 0 or sum(c.ticket_work) <> 0
    union all
    select c.tenant_id, 0, 0, sum(c.tickets), sum(c.ticket_work), null from summed c
    group by c.tenant_id having sum(c.tickets) <> 0 or sum(c.ticket_work) <> 0
    returning w.tenant_id, w.images, w.work, w.tickets
  )
  select c.tenant_id, sum(c.images)::integer, (sum(c.work) / 1000)::float8, sum(c.tickets)::integer
  from corrected c group by c.tenant_id;
end $$;

revoke all on function reconcile_backlog(float8) from public;
grant execute on function reconcile_backlog(float8) to sluice_sweep;
