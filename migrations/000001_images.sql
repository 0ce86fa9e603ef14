-- Tenants and their keys. Of a key only the SHA-256 is kept: a key is 256 random bits, so a slow hash would
-- buy nothing and cost every request.
create table tenant (
  id text primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  created_at timestamptz not null default now()
);

create table api_key (
  sha256 bytea primary key check (octet_length(sha256) = 32),
  tenant_id text not null references tenant (id),
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);

-- One row per image. All clocks are the database's (I9).
create table image (
  id uuid primary key,
  tenant_id text not null references tenant (id),
  status text not null check (status in
    ('awaiting_upload', 'queued', 'processing', 'ready', 'rejected', 'failed', 'expired')),
  -- What the producer declared, and what was found when it was read (null until then).
  declared_type text not null,
  declared_bytes bigint not null check (declared_bytes >= 0),
  declared_sha256 text check (declared_sha256 ~ '^[0-9a-f]{64}$'),
  content_type text,
  bytes bigint,
  width integer,
  height integer,
  presets text[] not null check (cardinality(presets) > 0),
  metadata jsonb not null default '{}',
  -- The fence: each claim raises it, and every write of a worker carries the number it claimed with.
  attempt integer not null default 0,
  -- Failures that count against the image (not outages). At the configured number it ends as failed.
  failures integer not null default 0,
  lease_expires_at timestamptz,
  ticket_expires_at timestamptz not null,
  enqueued_at timestamptz,
  error_code text,
  error_detail text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz,
  check ((status in ('rejected', 'failed')) = (error_code is not null))
);

-- The list of a tenant, newest first: ids are UUIDv7, so their order is the order of creation.
create index image_by_tenant on image (tenant_id, id desc) where deleted_at is null;
-- What is not finished: admission counts it, the sweep walks it. Finished rows cost it nothing.
create index image_unfinished on image (status, updated_at)
  where status in ('awaiting_upload', 'queued', 'processing');
-- How fast the workers are: a refusal says from it when there will be room again.
create index image_finished on image (updated_at) where status in ('ready', 'rejected', 'failed');
create index image_deleted on image (deleted_at) where deleted_at is not null;

create table variant (
  image_id uuid not null references image (id) on delete cascade,
  preset text not null,
  format text not null,
  content_type text not null,
  width integer not null,
  height integer not null,
  bytes bigint not null,
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  key text not null,
  primary key (image_id, preset, format)
);

-- An answer that was promised to be repeated. Without a status the first request is still running (I3).
create table idempotency_key (
  tenant_id text not null references tenant (id),
  key text not null check (length(key) between 1 and 255),
  request_sha256 bytea not null,
  image_id uuid,
  status integer,
  response jsonb,
  locked_until timestamptz not null,
  expires_at timestamptz not null,
  primary key (tenant_id, key)
);
create index idempotency_key_expiry on idempotency_key (expires_at);
