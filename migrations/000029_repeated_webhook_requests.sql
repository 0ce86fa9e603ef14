-- A request that is repeated because its response was lost.
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
