-- Use by tenant, hour (UTC, of the event's time), type of event, preset and error code. One row of an image's event has
-- no preset and counts images; those of its variants have their preset and count variants. '' is "none", because a
-- primary key takes no null.
create table usage_hour (
  tenant_id text not null,
  hour timestamptz not null check (date_trunc('hour', hour, 'UTC') = hour),
  type text not null,
  preset text not null default '',
  code text not null default '',
  images bigint not null default 0,
  variants bigint not null default 0,
  bytes bigint not null default 0,
  megapixels float8 not null default 0,
  -- From the admission of the images to the events.
  seconds float8 not null default 0,
  primary key (tenant_id, hour, type, preset, code)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);

-- Events that are counted, written in the statement that counts them. The ids are UUIDv7, so the oldest are the first of
-- the key: the sweep removes them by a range, and an event that is older than what is kept is refused, not counted again.
create table usage_event (
  event_id uuid primary key
) with (autovacuum_vacuum_insert_scale_factor = 0.05);

grant select, insert, update on usage_hour to sluice_analytics;
grant select, insert on usage_event to sluice_analytics;
grant select on usage_hour to sluice_api, sluice_operate;
grant select, delete on usage_event to sluice_sweep;
