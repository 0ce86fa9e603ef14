-- Endpoints of tenants that get events. Only `sluice_dispatch`, which signs, may read the secrets: the API writes them
-- and never sees them again. At rest they are protected by the encryption of the database's storage.
create table webhook_endpoint (
  id uuid primary key,
  tenant_id text not null references tenant (id) on delete cascade,
  url text not null check (length(url) <= 2048),
  -- Types of the events; all if empty.
  types text[] not null default '{}',
  description text not null default '' check (length(description) <= 200),
  secret text not null,
  -- Signs too until then.
  previous_secret text,
  previous_until timestamptz,
  state text not null default 'active' check (state in ('active', 'paused', 'disabled')),
  reason text check (reason in ('failures', 'gone', 'owner')),
  -- Attempts in a row that failed.
  failures integer not null default 0,
  -- Nothing is sent before: the pause before a probe, or the receiver's Retry-After.
  held_until timestamptz,
  -- Counts the changes by its owner, for ETag and If-Match.
  revision bigint not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Hidden; the sweep removes its deliveries, then the row.
  deleted_at timestamptz
) with (fillfactor = 80);
create index webhook_endpoint_by_tenant on webhook_endpoint (tenant_id, id) where deleted_at is null;
create index webhook_endpoint_deleted on webhook_endpoint (deleted_at) where deleted_at is not null;

-- One event to one endpoint. The key makes a repeated relay of an event harmless.
create table webhook_delivery (
  endpoint_id uuid not null references webhook_endpoint (id),
  event_id uuid not null,
  type text not null,
  -- Null in a test.
  image_id uuid,
  sequence integer,
  -- The exact text that is signed.
  body text not null,
  state text not null default 'pending' check (state in ('pending', 'sent', 'delivered', 'dead')),
  -- Counted calls, and requests made of it: a result of an earlier request changes nothing.
  attempts integer not null default 0,
  sendings integer not null default 0,
  -- pending: the next attempt; sent: no result comes any more.
  due_at timestamptz not null default now(),
  -- Begin of its 24 hours; a replay begins them anew.
  since timestamptz not null default now(),
  -- The first failure: later events of the image wait for it only so long.
  failed_since timestamptz,
  last_status smallint,
  last_fault text,
  last_at timestamptz,
  updated_at timestamptz not null default now(),
  primary key (endpoint_id, event_id)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
-- Lists by state, newest first, and what is out.
create index webhook_delivery_by_state on webhook_delivery (endpoint_id, state, event_id);
create index webhook_delivery_due on webhook_delivery (endpoint_id, due_at, event_id)
  where state in ('pending', 'sent');
create index webhook_delivery_in_order on webhook_delivery (endpoint_id, image_id, sequence)
  where state in ('pending', 'sent');
create index webhook_delivery_too_old on webhook_delivery (since) where state = 'pending';
create index webhook_delivery_ended on webhook_delivery (updated_at) where state in ('delivered', 'dead');

-- Replaces the secret, and keeps the one before valid for so many seconds. With the owner's rights: the API may not read
-- what it moves. Returns nothing for an endpoint of another tenant.
create function rotate_webhook_secret(endpoint uuid, tenant text, new_secret text, keep_seconds float8)
returns setof timestamptz language sql security definer set search_path = '' as $$
  update public.webhook_endpoint set previous_secret = secret, previous_until = now() + make_interval(secs => keep_seconds),
    secret = new_secret, revision = revision + 1, updated_at = now()
  where id = endpoint and tenant_id = tenant and deleted_at is null
  returning previous_until
$$;
revoke execute on function rotate_webhook_secret from public;
grant execute on function rotate_webhook_secret to sluice_api;

grant select (id, tenant_id, url, types, description, previous_until, state, reason, failures, held_until, revision,
    created_at, updated_at, deleted_at),
  insert (id, tenant_id, url, types, description, secret),
  update (url, types, description, state, reason, failures, held_until, revision, updated_at, deleted_at)
  on webhook_endpoint to sluice_api;
grant select, insert (endpoint_id, event_id, type, body),
  update (state, attempts, due_at, since, failed_since, updated_at) on webhook_delivery to sluice_api;

grant select, update (state, reason, failures, held_until) on webhook_endpoint to sluice_dispatch;
grant select, update (state, attempts, sendings, due_at, failed_since, last_status, last_fault, last_at, updated_at)
  on webhook_delivery to sluice_dispatch;

grant select (id, tenant_id, types, state, created_at, deleted_at) on webhook_endpoint to sluice_relay;
grant select (endpoint_id, event_id), insert (endpoint_id, event_id, type, image_id, sequence, body)
  on webhook_delivery to sluice_relay;

grant select (id, deleted_at), delete on webhook_endpoint to sluice_sweep;
grant select (endpoint_id, event_id, state, updated_at), delete on webhook_delivery to sluice_sweep;
