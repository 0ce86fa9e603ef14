-- The trail of a tenant: its events in the order in which they arrived, each line bound to the one before it.
create table audit_line (
  tenant_id text not null,
  -- 1, 2, … without gaps.
  number bigint not null check (number > 0),
  event_id uuid not null unique,
  -- The event as it was received, byte for byte, because the hash is over these bytes.
  event text not null,
  -- SHA-256 of the previous line's hash (32 zero bytes before the first line), the line's number, tenant and event; see
  -- audit_hash.
  hash bytea not null check (length(hash) = 32),
  written_at timestamptz not null default clock_timestamp(),
  primary key (tenant_id, number)
);

-- The end of each trail, so that a missing last line is found. Only the trigger below writes it.
create table audit_head (
  tenant_id text primary key,
  number bigint not null,
  hash bytea not null
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.01);

create function audit_hash(previous bytea, number bigint, tenant text, event text) returns bytea
language sql immutable parallel safe as $$
  select sha256(previous || convert_to(number || E'\n' || tenant || E'\n' || event, 'UTF8'))
$$;

-- With the rights of the owner: the functions' role can neither set the end of a trail back nor change a line.
create function advance_audit_head() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into audit_head (tenant_id, number, hash)
  select distinct on (tenant_id) tenant_id, number, hash from added order by tenant_id, number desc
  on conflict (tenant_id) do update set number = excluded.number, hash = excluded.hash;
  return null;
end $$;
create trigger audit_head after insert on audit_line referencing new table as added
  for each statement execute function advance_audit_head();

create function refuse_audit_change() returns trigger language plpgsql as $$
begin
  raise exception 'lines of the audit trail are never changed' using errcode = '42501';
end $$;
create trigger audit_line_stays before update or delete or truncate on audit_line
  for each statement execute function refuse_audit_change();

-- Appends events to the trails of their tenants, in the order of the array, without those that are there already. A
-- batch of one tenant waits for another one of the same tenant, and reads after the wait what that one has written:
-- statements of a volatile function see what was committed before each of them.
create function append_audit(events jsonb) returns bigint language plpgsql set search_path = public, pg_temp as $$
declare
  appended bigint;
begin
  perform pg_advisory_xact_lock(hashtextextended('audit ' || tenant, 0))
  from (select distinct one ->> 'tenant' as tenant from jsonb_array_elements(events) one order by 1) ordered;
  with recursive given as (
    select one ->> 'tenant' as tenant, (one ->> 'id')::uuid as id, one ->> 'event' as event, place
    from jsonb_array_elements(events) with ordinality as given (one, place)
  ), fresh as (
    select tenant, id, event, row_number() over (partition by tenant order by place) as step
    from (select distinct on (id) * from given order by id, place) once
    where not exists (select from audit_line where event_id = id)
  ), head as (
    select tenant, coalesce(number, 0) as number, coalesce(hash, decode(repeat('00', 32), 'hex')) as hash
    from (select distinct tenant from fresh) tenants left join audit_head on tenant_id = tenant
  ), chain as (
    select tenant, 0::bigint as step, null::uuid as id, null::text as event, number, hash from head
    union all
    select fresh.tenant, fresh.step, fresh.id, fresh.event, chain.number + 1,
      audit_hash(chain.hash, chain.number + 1, fresh.tenant, fresh.event)
    from chain join fresh on fresh.tenant = chain.tenant and fresh.step = chain.step + 1
  )
  insert into audit_line (tenant_id, number, event_id, event, hash)
  select tenant, number, id, event, hash from chain where step > 0 order by tenant, number;
  get diagnostics appended = row_count;
  return appended;
end $$;
revoke all on function append_audit, advance_audit_head from public;

grant select, insert on audit_line to sluice_audit;
grant select on audit_head to sluice_audit;
grant execute on function append_audit to sluice_audit;
grant select on audit_line, audit_head to sluice_operate;
