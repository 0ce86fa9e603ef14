-- Plans set by operators. Those of sluice.config.ts are not here; a row overrides the one of the same name.
create table plan (
  name text primary key check (name ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  terms jsonb not null check (jsonb_typeof(terms) = 'object'),
  updated_at timestamptz not null default now()
);

-- No reference to plan: the name may be one of sluice.config.ts, and a tenant outlives its plan.
alter table tenant add column plan text;

-- Use of a tenant's quotas: one row per resource with its three windows, so that one lock decides on all of them.
-- Counted is what was leased to environments of the API, which is never less than what was spent.
create table quota_use (
  tenant_id text not null references tenant (id) on delete cascade,
  resource text not null check (resource in ('requests', 'images', 'bytes', 'megapixels')),
  -- Taken from the bucket at bucket_at; it refills at the rate of the plan.
  bucket float8 not null default 0,
  bucket_at timestamptz not null default now(),
  -- Of this day and its month, in UTC.
  day date not null default (now() at time zone 'UTC')::date,
  of_day float8 not null default 0,
  of_month float8 not null default 0,
  primary key (tenant_id, resource)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);
create index quota_use_by_day on quota_use (day);

-- What comes back, append only: unspent slices and reservations of images that ended. The next lease of the tenant adds
-- it up, so no worker waits for the row of a busy tenant.
create table quota_return (
  -- No reference: a worker would lock the tenant's row for each image. The sweep removes old ones.
  tenant_id text not null,
  resource text not null,
  amount float8 not null,
  day date not null,
  taken_at timestamptz not null
) with (autovacuum_vacuum_scale_factor = 0.01);
create index quota_return_by_tenant on quota_return (tenant_id, resource);
create index quota_return_by_day on quota_return (day);

-- What an image was charged: {"day": "2026-11-29", "images": 1, "bytes": 5000, "megapixels": 64}; null without quotas.
alter table image add column charge jsonb;

-- Megapixels are reserved when an image is admitted, and settled when it ends or is deleted before a worker saw it. A
-- ticket that expired unused gives back images and bytes too. What was given back leaves the charge, so it happens once.
-- The owner's rights, so that the roles need none on the returns.
create function settle_charge() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  reserved float8 := coalesce((new.charge ->> 'megapixels')::float8, 0);
  used float8 := case when new.status = 'ready'
    then least(reserved, new.width::float8 * new.height * coalesce(new.frames, 1) / 1e6) else 0 end;
  unused bool := new.status = 'expired' and new.deleted_at is null;
begin
  insert into quota_return (tenant_id, resource, amount, day, taken_at)
  select new.tenant_id, back.resource, back.amount, (new.charge ->> 'day')::date, new.created_at
  from (values
    ('megapixels', reserved - used),
    ('images', case when unused then (new.charge ->> 'images')::float8 end),
    ('bytes', case when unused then (new.charge ->> 'bytes')::float8 end)) as back (resource, amount)
  where back.amount > 0;
  new.charge := case when not unused then new.charge - 'megapixels' end;
  return new;
end $$;
create trigger image_charge before update on image for each row
  when (new.charge is not null
    and (old.status is distinct from new.status or old.deleted_at is distinct from new.deleted_at)
    and (new.status not in ('awaiting_upload', 'queued', 'processing')
      or (new.deleted_at is not null and new.status <> 'processing')))
  execute function settle_charge();

grant select on plan to sluice_api;
grant select, insert, update on quota_use to sluice_api;
grant select, insert, delete on quota_return to sluice_api;
grant select, delete on quota_use, quota_return to sluice_sweep;
grant select on quota_use, quota_return to sluice_operate;
grant select, delete, insert (name, terms), update (terms, updated_at) on plan to sluice_operate;
grant update (plan) on tenant to sluice_operate;
