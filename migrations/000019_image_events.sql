-- Events of images (lambda/domain/event.ts), written in the statement that makes them true: no event without its effect, no
-- effect without its event.

-- Number of the image's last event. Each insert is one (image.admitted). Rows of before have none yet.
alter table image add column events integer not null default 0;
alter table image alter column events set default 1;

create table image_event (
  -- No reference to image: an image's events outlive its row.
  image_id uuid not null,
  -- 1, 2, … within an image. The row's lock is held until the commit, so they commit in this order.
  sequence integer not null,
  -- Order of all events. Of an image it is that of `sequence`; of different images, they commit in any order.
  position bigint generated always as identity,
  id uuid not null,
  type text not null,
  tenant_id text not null,
  time timestamptz not null,
  data jsonb not null,
  -- Sinks that accepted the event while another did not.
  accepted text[] not null default '{}',
  -- When all sinks had accepted it.
  sent_at timestamptz,
  primary key (image_id, sequence)
) with (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01,
  autovacuum_analyze_scale_factor = 0.01);
create index image_event_unsent on image_event (position) where sent_at is null;
create index image_event_sent on image_event (time) where sent_at is not null;

-- One row: which relay is at work, and until when without a sign of it. While a sink is away, the lease is held until the
-- next try (`stalls` in a row), so that nudges do not try before.
create table relay_lease (
  single boolean primary key default true check (single),
  holder uuid,
  held_until timestamptz not null default '-infinity',
  stalls integer not null default 0
) with (fillfactor = 10);
insert into relay_lease default values;

-- A UUIDv7 (RFC 9562) of this moment; uuidv7() exists from Postgres 18 on only. Version 4 has the variant; its version is
-- 0100, so two more bits make it 0111.
create function event_id() returns uuid language sql volatile as $$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substr(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid
$$;

-- A time as in RFC 3339, whatever the session's time zone.
create function event_time(timestamptz) returns text language sql stable as $$
  select to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Numbers the event of an update. Only rows with an event call it: see the condition of the trigger.
create function number_event() returns trigger language plpgsql as $$
begin
  new.events := old.events + 1;
  return new;
end $$;

-- Writes the events of a statement, at its end: variants that its later parts stored are there. The owner's rights, so that
-- the roles need none on the table.
create function record_events() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  at constant timestamptz := clock_timestamp();
begin
  if tg_op = 'INSERT' then
    insert into public.image_event (image_id, sequence, id, type, tenant_id, time, data)
    select n.id, n.events, public.event_id(), 'image.admitted', n.tenant_id, at, jsonb_build_object(
      'id', n.id, 'tenant', n.tenant_id, 'status', n.status, 'createdAt', public.event_time(n.created_at), 'ageSeconds', 0,
      'declared', jsonb_build_object('contentType', n.declared_type, 'bytes', n.declared_bytes), 'metadata', n.metadata)
    from new_rows n
    order by n.id;
  -- Most updates change other columns. Numbers only rise, so equal sums mean that there is no event.
  elsif (select sum(events) from new_rows) <> (select sum(events) from old_rows) then
    insert into public.image_event (image_id, sequence, id, type, tenant_id, time, data)
    select e.id, e.events, public.event_id(), 'image.' || e.what, e.tenant_id, at, jsonb_strip_nulls(jsonb_build_object(
      'id', e.id, 'tenant', e.tenant_id, 'status', e.what, 'createdAt', public.event_time(e.created_at),
      'ageSeconds', round(greatest(0, extract(epoch from at - e.created_at)), 3),
      'declared', jsonb_build_object('contentType', e.declared_type, 'bytes', e.declared_bytes), 'metadata', e.metadata,
      'original', case when e.width is not null then jsonb_build_object('contentType', e.content_type, 'bytes', e.bytes,
        'width', e.width, 'height', e.height) end,
      'variants', case e.what when 'ready' then (
        select coalesce(jsonb_agg(jsonb_build_object('preset', v.preset, 'format', v.format, 'width', v.width,
          'height', v.height, 'bytes', v.bytes) order by v.preset, v.format), '[]')
        from public.variant v where v.image_id = e.id) end,
      'error', case when e.what in ('rejected', 'failed') then jsonb_build_object('code', e.error_code,
        'detail', coalesce(e.error_detail, '')) end,
      'supersededBy', case e.what when 'superseded' then e.superseded_by end))
    from (
      select n.*, case when n.deleted_at is null then n.status else 'deleted' end as what
      -- A full join, because a nested loop, which a session may plan for few rows and keep for many, cannot do it.
      from old_rows o full join new_rows n on n.id = o.id
      where n.events is distinct from o.events
    ) e
    order by e.id;
  end if;
  return null;
end $$;

revoke all on function event_id(), event_time(timestamptz), number_event(), record_events() from public;
grant select on image_event to sluice_api;
grant select, delete on image_event to sluice_sweep;
grant select, update (accepted, sent_at) on image_event to sluice_relay;
grant select, update on relay_lease to sluice_relay;

-- A client deletes it, or it reaches a final status.
create trigger image_event_number before update on image for each row
  when (old.deleted_at is null and (new.deleted_at is not null or (old.status <> new.status
    and new.status in ('ready', 'rejected', 'failed', 'superseded', 'expired'))))
  execute function number_event();
create trigger image_event_inserted after insert on image
  referencing new table as new_rows for each statement execute function record_events();
create trigger image_event_updated after update on image
  referencing old table as old_rows new table as new_rows for each statement execute function record_events();
