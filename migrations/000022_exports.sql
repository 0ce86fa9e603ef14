-- The role of `export`: it finds the tenant of a key and reads images. It changes nothing.
grant select on tenant, api_key, plan, image to sluice_export;

-- Exports that are written to a file. Only the worker that claimed a job last may change its progress (`attempt`).
create table export_job (
  id uuid primary key,
  tenant_id text not null references tenant (id),
  -- {"columns": […], "metadata": […], "status": […], "from": …, "to": …}
  selection jsonb not null,
  encoding text not null check (encoding in ('gzip', 'zstd')),
  status text not null default 'queued' check (status in ('queued', 'running', 'ready', 'failed')),
  idempotency_key text,
  request_sha256 bytea,
  attempt integer not null default 0,
  -- Attempts since the last part that failed.
  failures integer not null default 0,
  lease_expires_at timestamptz,
  -- The parts of the file that S3 has, and what is in them: images up to the id `after_id`.
  upload_id text,
  etags text[] not null default '{}',
  after_id uuid,
  row_count bigint not null default 0,
  byte_count bigint not null default 0,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz,
  deleted_at timestamptz,
  unique (tenant_id, idempotency_key)
);
-- One at a time of a tenant.
create unique index export_job_unfinished on export_job (tenant_id)
  where status in ('queued', 'running') and deleted_at is null;
create index export_job_by_turn on export_job (updated_at) where status in ('queued', 'running') and deleted_at is null;
create index export_job_by_end on export_job (ended_at) where ended_at is not null and deleted_at is null;
create index export_job_by_deletion on export_job (deleted_at) where deleted_at is not null;

grant select, insert on export_job to sluice_api;
grant update (deleted_at, updated_at) on export_job to sluice_api;
grant select, update on export_job to sluice_exportjob;
grant select on image to sluice_exportjob;
grant select, delete on export_job to sluice_sweep;

-- Age of the oldest snapshot of this database, which keeps VACUUM from removing rows that were replaced since. With the
-- owner's rights: roles do not see the transactions of others.
create function oldest_snapshot_seconds() returns double precision
  language sql volatile security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::double precision from pg_stat_activity
  where backend_xmin is not null and datname = current_database() and pid <> pg_backend_pid()
$$;
revoke execute on function oldest_snapshot_seconds() from public;
grant execute on function oldest_snapshot_seconds() to sluice_sweep;
