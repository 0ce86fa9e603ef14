-- A request that is repeated because its response was lost. Two of them change secrets.
--
-- A rotation to the secret that signs already changes nothing and returns the end of the rotation before (now, if there was
-- none): otherwise the new secret would take the place of the one before, which the receiver still has. A rotation to the
-- secret before is one as any other: the two change places, and both go on signing.
create or replace function rotate_webhook_secret(endpoint uuid, tenant text, new_secret text, keep_seconds float8)
returns setof timestamptz language sql security definer set search_path = '' as $$
  update public.webhook_endpoint set
    previous_secret = case when secret = new_secret then previous_secret else secret end,
    previous_until = case when secret = new_secret then previous_until else now() + make_interval(secs => keep_seconds) end,
    secret = new_secret,
    revision = revision + (secret <> new_secret)::integer,
    updated_at = case when secret = new_secret then updated_at else now() end
  where id = endpoint and tenant_id = tenant and deleted_at is null
  returning coalesce(previous_until, now())
$$;

-- The Idempotency-Key of the request that made an endpoint, and the SHA-256 of that request.
alter table webhook_endpoint add column idempotency_key text, add column request_sha256 bytea;
grant insert (idempotency_key, request_sha256) on webhook_endpoint to sluice_api;

-- The endpoint that a request with this key has made within so many seconds, if it still exists; `is_same` if the request is
-- the same. Only that one gets the secret again, which the API may not read, and only until it is rotated.
create function webhook_of_key(tenant text, key text, digest bytea, keep_seconds float8)
returns table (id uuid, is_same boolean, secret text) language sql stable security definer set search_path = '' as $$
  select made.id, made.request_sha256 = digest,
    case when made.request_sha256 = digest and made.previous_until is null then made.secret end
  from public.webhook_endpoint made
  where made.tenant_id = tenant and made.deleted_at is null and made.idempotency_key = key
    and made.created_at > now() - make_interval(secs => keep_seconds)
  order by made.created_at desc limit 1
$$;
revoke execute on function webhook_of_key from public;
grant execute on function webhook_of_key to sluice_api;
