-- The schema after all migrations. Written by "npm run migrate:dump"; a test compares it. Do not edit.

create table api_key (
  sha256 bytea not null,
  tenant_id text not null,
  created_at timestamp with time zone not null default now(),
  revoked_at timestamp with time zone,
  constraint api_key_pkey PRIMARY KEY (sha256),
  constraint api_key_sha256_check CHECK ((octet_length(sha256) = 32)),
  constraint api_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
);
CREATE INDEX api_key_by_tenant ON public.api_key USING btree (tenant_id, created_at, sha256);
grant insert (sha256, tenant_id) on api_key to sluice_operate;
grant select on api_key to sluice_api;
grant select on api_key to sluice_export;
grant select on api_key to sluice_operate;
grant update (revoked_at) on api_key to sluice_operate;

create table audit_head (
  tenant_id text not null,
  number bigint not null,
  hash bytea not null,
  constraint audit_head_pkey PRIMARY KEY (tenant_id)
) with (
  fillfactor=50,
  autovacuum_vacuum_scale_factor=0.01
);
grant select on audit_head to sluice_audit;
grant select on audit_head to sluice_operate;

create table audit_line (
  tenant_id text not null,
  number bigint not null,
  event_id uuid not null,
  event text not null,
  hash bytea not null,
  written_at timestamp with time zone not null default clock_timestamp(),
  constraint audit_line_pkey PRIMARY KEY (tenant_id, number),
  constraint audit_line_event_id_key UNIQUE (event_id),
  constraint audit_line_hash_check CHECK ((length(hash) = 32)),
  constraint audit_line_number_check CHECK ((number > 0))
);
grant insert, select on audit_line to sluice_audit;
grant select on audit_line to sluice_operate;

create table backlog_roll_up (
  single boolean not null default true,
  rolled_at timestamp with time zone not null,
  oldest_at timestamp with time zone,
  claimed_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  claims_waited boolean not null default false,
  worked_at timestamp with time zone not null default '-infinity'::timestamp with time zone,
  longest_wait real not null default 0,
  reconciled_at timestamp with time zone not null,
  tenants json not null default '[]'::json,
  ended json not null default '[]'::json,
  constraint backlog_roll_up_pkey PRIMARY KEY (single),
  constraint backlog_roll_up_single_check CHECK (single)
) with (
  fillfactor=10
);

create table backlog_turns (
  id bigint not null,
  environment text not null,
  made_at timestamp with time zone not null default clock_timestamp(),
  made_by xid8 not null default pg_current_xact_id(),
  bytes bytea not null,
  constraint backlog_turns_pkey PRIMARY KEY (id)
);

create table drain_interval (
  id bigint not null,
  ended_at timestamp with time zone not null,
  seconds real not null,
  work bigint not null,
  images integer not null,
  constraint drain_interval_pkey PRIMARY KEY (id)
);

create table export_job (
  id uuid not null,
  tenant_id text not null,
  selection jsonb not null,
  encoding text not null,
  status text not null default 'queued'::text,
  idempotency_key text,
  request_sha256 bytea,
  attempt integer not null default 0,
  failures integer not null default 0,
  lease_expires_at timestamp with time zone,
  upload_id text,
  etags text[] not null default '{}'::text[],
  after_id uuid,
  row_count bigint not null default 0,
  byte_count bigint not null default 0,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  deleted_at timestamp with time zone,
  file_removed_at timestamp with time zone,
  constraint export_job_pkey PRIMARY KEY (id),
  constraint export_job_encoding_check CHECK ((encoding = ANY (ARRAY['gzip'::text, 'zstd'::text]))),
  constraint export_job_status_check CHECK ((status = ANY (ARRAY['queued'::text, 'running'::text, 'ready'::text, 'failed'::text]))),
  constraint export_job_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  constraint export_job_tenant_id_idempotency_key_key UNIQUE (tenant_id, idempotency_key)
);
CREATE INDEX export_job_by_deletion ON public.export_job USING btree (deleted_at) WHERE ((deleted_at IS NOT NULL) AND (file_removed_at IS NULL));
CREATE INDEX export_job_by_end ON public.export_job USING btree (ended_at) WHERE ((ended_at IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX export_job_by_removal ON public.export_job USING btree (created_at) WHERE (file_removed_at IS NOT NULL);
CREATE INDEX export_job_by_turn ON public.export_job USING btree (updated_at) WHERE ((status = ANY (ARRAY['queued'::text, 'running'::text])) AND (deleted_at IS NULL));
CREATE UNIQUE INDEX export_job_unfinished ON public.export_job USING btree (tenant_id) WHERE ((status = ANY (ARRAY['queued'::text, 'running'::text])) AND (deleted_at IS NULL));
grant delete, select on export_job to sluice_sweep;
grant insert, select on export_job to sluice_api;
grant select, update on export_job to sluice_exportjob;
grant update (updated_at, deleted_at) on export_job to sluice_api;
grant update (upload_id, updated_at, deleted_at, file_removed_at) on export_job to sluice_sweep;

create table export_stream (
  tenant_id text not null,
  holder uuid not null,
  held_until timestamp with time zone not null,
  constraint export_stream_pkey PRIMARY KEY (tenant_id),
  constraint export_stream_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE
);
grant delete, insert, select, update on export_stream to sluice_export;

create table extra_upload (
  image_id uuid not null,
  version_id text not null,
  seen_at timestamp with time zone not null default now(),
  constraint extra_upload_pkey PRIMARY KEY (image_id, version_id),
  constraint extra_upload_image_id_fkey FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE
);
grant delete, select on extra_upload to sluice_sweep;
grant insert on extra_upload to sluice_process;
grant select on extra_upload to sluice_operate;

create table idempotency_key (
  tenant_id text not null,
  key text not null,
  request_sha256 bytea not null,
  image_id uuid,
  status integer,
  response jsonb,
  locked_until timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint idempotency_key_pkey PRIMARY KEY (tenant_id, key),
  constraint idempotency_key_key_check CHECK (((length(key) >= 1) AND (length(key) <= 255))),
  constraint idempotency_key_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_insert_scale_factor=0.01
);
CREATE INDEX idempotency_key_expiry ON public.idempotency_key USING btree (expires_at);
grant delete, insert, select, update on idempotency_key to sluice_api;
grant delete, select on idempotency_key to sluice_sweep;

create table image (
  id uuid not null,
  tenant_id text not null,
  status text not null,
  declared_type text not null,
  declared_bytes bigint not null,
  declared_sha256 text,
  content_type text,
  bytes bigint,
  width integer,
  height integer,
  presets text[] not null,
  metadata jsonb not null default '{}'::jsonb,
  attempt integer not null default 0,
  failures integer not null default 0,
  lease_expires_at timestamp with time zone,
  ticket_expires_at timestamp with time zone not null,
  enqueued_at timestamp with time zone,
  error_code text,
  error_detail text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  frames integer,
  placeholder jsonb,
  lease_stage text,
  dead_lettered_attempt integer,
  last_error text,
  original_version text,
  work real not null default 1,
  charge jsonb,
  replaces text,
  superseded_by uuid,
  cleared_at timestamp with time zone,
  pending jsonb,
  completions integer not null default 0,
  events integer not null default 1,
  revision integer not null default 1,
  edited_at timestamp with time zone,
  constraint image_pkey PRIMARY KEY (id),
  constraint image_check CHECK (((status = ANY (ARRAY['rejected'::text, 'failed'::text])) = (error_code IS NOT NULL))),
  constraint image_declared_bytes_check CHECK ((declared_bytes >= 0)),
  constraint image_declared_sha256_check CHECK ((declared_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint image_frames_check CHECK ((frames > 0)),
  constraint image_lease_stage_check CHECK ((lease_stage = ANY (ARRAY['waiting'::text, 'beside'::text, 'alone'::text]))) NOT VALID,
  constraint image_presets_check CHECK ((cardinality(presets) > 0)),
  constraint image_status_check CHECK ((status = ANY (ARRAY['awaiting_upload'::text, 'queued'::text, 'processing'::text, 'ready'::text, 'rejected'::text, 'failed'::text, 'expired'::text, 'superseded'::text]))) NOT VALID,
  constraint image_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id),
  constraint image_work_check CHECK (((work > (0)::double precision) AND (work < ('1000000'::numeric)::double precision))) NOT VALID
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_insert_scale_factor=0.01,
  autovacuum_analyze_scale_factor=0.01,
  fillfactor=90
);
CREATE INDEX image_awaiting ON public.image USING btree (ticket_expires_at, id) WHERE ((status = 'awaiting_upload'::text) AND (deleted_at IS NULL));
CREATE INDEX image_by_status ON public.image USING btree (tenant_id, status, id DESC) WHERE (deleted_at IS NULL);
CREATE INDEX image_ended ON public.image USING btree (status, updated_at, id) WHERE (status = ANY (ARRAY['ready'::text, 'rejected'::text, 'failed'::text, 'expired'::text]));
CREATE INDEX image_leased ON public.image USING btree (COALESCE((enqueued_at >= lease_expires_at), false), GREATEST(lease_expires_at, enqueued_at), id) WHERE ((status = 'processing'::text) AND (deleted_at IS NULL));
CREATE INDEX image_named ON public.image USING btree (tenant_id, replaces, status, id DESC) WHERE ((replaces IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX image_pending ON public.image USING btree (GREATEST(COALESCE(enqueued_at, updated_at), lease_expires_at), id) WHERE ((pending IS NOT NULL) AND (deleted_at IS NULL));
CREATE INDEX image_queued ON public.image USING btree (COALESCE(enqueued_at, updated_at), id) WHERE ((status = 'queued'::text) AND (deleted_at IS NULL));
CREATE INDEX image_removable ON public.image USING btree (GREATEST(ticket_expires_at, lease_expires_at), id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX image_superseded ON public.image USING btree (updated_at, id) WHERE (status = 'superseded'::text);
CREATE INDEX image_uncleared ON public.image USING btree (GREATEST(ticket_expires_at, lease_expires_at), id) WHERE ((status = 'superseded'::text) AND (cleared_at IS NULL) AND (deleted_at IS NULL));
CREATE INDEX image_work ON public.image USING btree (tenant_id) WHERE ((status = ANY (ARRAY['queued'::text, 'processing'::text])) AND (deleted_at IS NULL));
grant delete, select, update on image to sluice_sweep;
grant insert, select, update on image to sluice_api;
grant select on image to sluice_export;
grant select on image to sluice_exportjob;
grant select on image to sluice_operate;
grant select, update on image to sluice_process;

create table image_event (
  image_id uuid not null,
  sequence integer not null,
  "position" bigint not null,
  id uuid not null,
  type text not null,
  tenant_id text not null,
  "time" timestamp with time zone not null,
  data jsonb not null,
  accepted text[] not null default '{}'::text[],
  sent_at timestamp with time zone,
  constraint image_event_pkey PRIMARY KEY (image_id, sequence)
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_insert_scale_factor=0.01,
  autovacuum_analyze_scale_factor=0.01
);
CREATE INDEX image_event_sent ON public.image_event USING btree ("time") WHERE (sent_at IS NOT NULL);
CREATE INDEX image_event_unsent ON public.image_event USING btree ("position") WHERE (sent_at IS NULL);
grant delete, select on image_event to sluice_sweep;
grant select on image_event to sluice_api;
grant select on image_event to sluice_relay;
grant update (accepted, sent_at) on image_event to sluice_relay;

create table plan (
  name text not null,
  terms jsonb not null,
  updated_at timestamp with time zone not null default now(),
  constraint plan_pkey PRIMARY KEY (name),
  constraint plan_name_check CHECK ((name ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text)),
  constraint plan_terms_check CHECK ((jsonb_typeof(terms) = 'object'::text))
);
grant delete, select on plan to sluice_operate;
grant insert (name, terms) on plan to sluice_operate;
grant select on plan to sluice_api;
grant select on plan to sluice_export;
grant update (terms, updated_at) on plan to sluice_operate;

create table quota_return (
  tenant_id text not null,
  resource text not null,
  amount double precision not null,
  day date not null,
  taken_at timestamp with time zone not null
) with (
  autovacuum_vacuum_scale_factor=0.01
);
CREATE INDEX quota_return_by_day ON public.quota_return USING btree (day);
CREATE INDEX quota_return_by_tenant ON public.quota_return USING btree (tenant_id, resource);
grant delete, insert, select on quota_return to sluice_api;
grant delete, select on quota_return to sluice_sweep;
grant select on quota_return to sluice_operate;

create table quota_use (
  tenant_id text not null,
  resource text not null,
  bucket double precision not null default 0,
  bucket_at timestamp with time zone not null default now(),
  day date not null default ((now() AT TIME ZONE 'UTC'::text))::date,
  of_day double precision not null default 0,
  of_month double precision not null default 0,
  returned_of_day double precision not null default 0,
  returned_of_month double precision not null default 0,
  constraint quota_use_pkey PRIMARY KEY (tenant_id, resource),
  constraint quota_use_resource_check CHECK ((resource = ANY (ARRAY['requests'::text, 'images'::text, 'bytes'::text, 'megapixels'::text]))),
  constraint quota_use_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE
) with (
  fillfactor=50,
  autovacuum_vacuum_scale_factor=0.01
);
CREATE INDEX quota_use_by_day ON public.quota_use USING btree (day);
grant delete, select on quota_use to sluice_sweep;
grant insert, select, update on quota_use to sluice_api;
grant select on quota_use to sluice_operate;

create table relay_lease (
  single boolean not null default true,
  holder uuid,
  held_until timestamp with time zone not null default '-infinity'::timestamp with time zone,
  stalls integer not null default 0,
  constraint relay_lease_pkey PRIMARY KEY (single),
  constraint relay_lease_single_check CHECK (single)
) with (
  fillfactor=10
);
grant select, update on relay_lease to sluice_relay;

create table replaced_object (
  image_id uuid not null,
  key text not null,
  replaced_at timestamp with time zone not null default now(),
  constraint replaced_object_pkey PRIMARY KEY (image_id, key),
  constraint replaced_object_image_id_fkey FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE
);
CREATE INDEX replaced_object_by_age ON public.replaced_object USING btree (replaced_at, image_id, key);
grant delete, select on replaced_object to sluice_sweep;
grant insert on replaced_object to sluice_process;

create table tenant (
  id text not null,
  created_at timestamp with time zone not null default now(),
  plan text,
  constraint tenant_pkey PRIMARY KEY (id),
  constraint tenant_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text))
);
grant insert (id) on tenant to sluice_operate;
grant select on tenant to sluice_api;
grant select on tenant to sluice_export;
grant select on tenant to sluice_operate;
grant update (plan) on tenant to sluice_operate;

create table tenant_backlog (
  tenant_id text not null,
  images integer not null,
  work bigint not null,
  tickets integer not null,
  ticket_work bigint not null,
  constraint tenant_backlog_pkey PRIMARY KEY (tenant_id)
) with (
  fillfactor=50
);

create table ticket_expiry (
  expires bigint not null,
  tenant_id text not null,
  tickets integer not null,
  ticket_work bigint not null,
  constraint ticket_expiry_pkey PRIMARY KEY (expires, tenant_id)
) with (
  autovacuum_vacuum_scale_factor=0.05,
  autovacuum_vacuum_cost_delay=0
);

create table usage_event (
  event_id uuid not null,
  constraint usage_event_pkey PRIMARY KEY (event_id)
) with (
  autovacuum_vacuum_insert_scale_factor=0.05
);
grant delete, select on usage_event to sluice_sweep;
grant insert, select on usage_event to sluice_analytics;

create table usage_hour (
  tenant_id text not null,
  hour timestamp with time zone not null,
  type text not null,
  preset text not null default ''::text,
  code text not null default ''::text,
  images bigint not null default 0,
  variants bigint not null default 0,
  bytes bigint not null default 0,
  megapixels double precision not null default 0,
  seconds double precision not null default 0,
  constraint usage_hour_pkey PRIMARY KEY (tenant_id, hour, type, preset, code),
  constraint usage_hour_hour_check CHECK ((date_trunc('hour'::text, hour, 'UTC'::text) = hour))
) with (
  fillfactor=70,
  autovacuum_vacuum_scale_factor=0.01
);
grant insert, select, update on usage_hour to sluice_analytics;
grant select on usage_hour to sluice_api;
grant select on usage_hour to sluice_operate;

create table variant (
  image_id uuid not null,
  preset text not null,
  format text not null,
  content_type text not null,
  width integer not null,
  height integer not null,
  bytes bigint not null,
  sha256 text not null,
  key text not null,
  frames integer not null default 1,
  constraint variant_pkey PRIMARY KEY (image_id, preset, format),
  constraint variant_frames_check CHECK ((frames > 0)),
  constraint variant_image_id_fkey FOREIGN KEY (image_id) REFERENCES image(id) ON DELETE CASCADE,
  constraint variant_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
) with (
  autovacuum_vacuum_scale_factor=0.01,
  autovacuum_vacuum_insert_scale_factor=0.01
);
grant delete, insert, select, update on variant to sluice_process;
grant select on variant to sluice_api;
grant select on variant to sluice_operate;
grant select on variant to sluice_sweep;

create table webhook_delivery (
  endpoint_id uuid not null,
  event_id uuid not null,
  type text not null,
  image_id uuid,
  sequence integer,
  body text not null,
  state text not null default 'pending'::text,
  attempts integer not null default 0,
  sendings integer not null default 0,
  due_at timestamp with time zone not null default now(),
  since timestamp with time zone not null default now(),
  failed_since timestamp with time zone,
  last_status smallint,
  last_fault text,
  last_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  constraint webhook_delivery_pkey PRIMARY KEY (endpoint_id, event_id),
  constraint webhook_delivery_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES webhook_endpoint(id),
  constraint webhook_delivery_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'delivered'::text, 'dead'::text])))
) with (
  fillfactor=80,
  autovacuum_vacuum_scale_factor=0.01
);
CREATE INDEX webhook_delivery_by_state ON public.webhook_delivery USING btree (endpoint_id, state, event_id);
CREATE INDEX webhook_delivery_due ON public.webhook_delivery USING btree (endpoint_id, due_at, event_id) WHERE (state = ANY (ARRAY['pending'::text, 'sent'::text]));
CREATE INDEX webhook_delivery_ended ON public.webhook_delivery USING btree (updated_at) WHERE (state = ANY (ARRAY['delivered'::text, 'dead'::text]));
CREATE INDEX webhook_delivery_in_order ON public.webhook_delivery USING btree (endpoint_id, image_id, sequence) WHERE (state = ANY (ARRAY['pending'::text, 'sent'::text]));
CREATE INDEX webhook_delivery_unfinished ON public.webhook_delivery USING btree (since) WHERE (state = ANY (ARRAY['pending'::text, 'sent'::text]));
grant delete on webhook_delivery to sluice_sweep;
grant insert (endpoint_id, event_id, type, body) on webhook_delivery to sluice_api;
grant insert (endpoint_id, event_id, type, image_id, sequence, body) on webhook_delivery to sluice_relay;
grant select (endpoint_id, event_id) on webhook_delivery to sluice_relay;
grant select (endpoint_id, event_id, state, updated_at) on webhook_delivery to sluice_sweep;
grant select on webhook_delivery to sluice_api;
grant select on webhook_delivery to sluice_dispatch;
grant update (state, attempts, due_at, since, failed_since, updated_at) on webhook_delivery to sluice_api;
grant update (state, attempts, sendings, due_at, failed_since, last_status, last_fault, last_at, updated_at) on webhook_delivery to sluice_dispatch;

create table webhook_endpoint (
  id uuid not null,
  tenant_id text not null,
  url text not null,
  types text[] not null default '{}'::text[],
  description text not null default ''::text,
  secret text not null,
  previous_secret text,
  previous_until timestamp with time zone,
  state text not null default 'active'::text,
  reason text,
  failures integer not null default 0,
  held_until timestamp with time zone,
  revision bigint not null default 1,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  made_in_pause integer not null default 0,
  missed bigint not null default 0,
  idempotency_key text,
  request_sha256 bytea,
  constraint webhook_endpoint_pkey PRIMARY KEY (id),
  constraint webhook_endpoint_description_check CHECK ((length(description) <= 200)),
  constraint webhook_endpoint_reason_check CHECK ((reason = ANY (ARRAY['failures'::text, 'gone'::text, 'owner'::text]))),
  constraint webhook_endpoint_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'disabled'::text]))),
  constraint webhook_endpoint_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE,
  constraint webhook_endpoint_url_check CHECK ((length(url) <= 2048))
) with (
  fillfactor=80
);
CREATE INDEX webhook_endpoint_by_tenant ON public.webhook_endpoint USING btree (tenant_id, id) WHERE (deleted_at IS NULL);
CREATE INDEX webhook_endpoint_deleted ON public.webhook_endpoint USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
grant delete on webhook_endpoint to sluice_sweep;
grant insert (id, tenant_id, url, types, description, secret, idempotency_key, request_sha256) on webhook_endpoint to sluice_api;
grant select (id, deleted_at) on webhook_endpoint to sluice_sweep;
grant select (id, tenant_id, types, state, created_at, deleted_at, made_in_pause, missed) on webhook_endpoint to sluice_relay;
grant select (id, tenant_id, url, types, description, previous_until, state, reason, failures, held_until, revision, created_at, updated_at, deleted_at, missed) on webhook_endpoint to sluice_api;
grant select on webhook_endpoint to sluice_dispatch;
grant update (made_in_pause, missed) on webhook_endpoint to sluice_relay;
grant update (state, reason, failures, held_until, made_in_pause) on webhook_endpoint to sluice_dispatch;
grant update (url, types, description, state, reason, failures, held_until, revision, updated_at, deleted_at, made_in_pause, missed) on webhook_endpoint to sluice_api;

create table work_delta (
  tenant_id text,
  images integer not null default 0,
  work bigint not null default 0,
  tickets integer not null default 0,
  ticket_work bigint not null default 0,
  expires bigint,
  ended_images integer not null default 0,
  ended_work bigint not null default 0,
  claimed integer not null default 0,
  waited integer not null default 0,
  longest_wait real
) with (
  autovacuum_vacuum_scale_factor=0,
  autovacuum_vacuum_threshold=10000,
  autovacuum_vacuum_cost_delay=0
);

CREATE OR REPLACE FUNCTION public.advance_audit_head()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
begin
  insert into audit_head (tenant_id, number, hash)
  select distinct on (tenant_id) tenant_id, number, hash from added order by tenant_id, number desc
  on conflict (tenant_id) do update set number = excluded.number, hash = excluded.hash;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.append_audit(events jsonb)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;
grant execute on function append_audit(jsonb) to sluice_audit;

CREATE OR REPLACE FUNCTION public.audit_hash(previous bytea, number bigint, tenant text, event text)
 RETURNS bytea
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$
  select sha256(previous || convert_to(number || E'\n' || tenant || E'\n' || event, 'UTF8'))
$function$;
grant execute on function audit_hash(bytea,bigint,text,text) to public;

CREATE OR REPLACE FUNCTION public.count_work()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
begin
  if tg_op = 'INSERT' then
    insert into public.work_delta (tenant_id, images, work, tickets, ticket_work, expires)
    select n.tenant_id, sum(c.images), sum(c.work), sum(c.tickets), sum(c.ticket_work), c.expires
    from new_rows n, public.counts_as(n.status, n.deleted_at, n.work, n.ticket_expires_at) c
    group by n.tenant_id, c.expires
    having sum(c.images) <> 0 or sum(c.tickets) <> 0;
  elsif tg_op = 'DELETE' then
    insert into public.work_delta (tenant_id, images, work, tickets, ticket_work, expires)
    select o.tenant_id, -sum(c.images), -sum(c.work), -sum(c.tickets), -sum(c.ticket_work), c.expires
    from old_rows o, public.counts_as(o.status, o.deleted_at, o.work, o.ticket_expires_at) c
    group by o.tenant_id, c.expires
    having sum(c.images) <> 0 or sum(c.tickets) <> 0;
  else
    insert into public.work_delta
      (tenant_id, images, work, tickets, ticket_work, expires, ended_images, ended_work)
    select tenant_id, sum(sign * images), sum(sign * work), sum(sign * tickets), sum(sign * ticket_work), expires,
      greatest(0, sum(sign * ended_images)), greatest(0, sum(sign * ended_work))
    from (
      select n.tenant_id, 1 as sign, c.*
      from new_rows n, public.counts_as(n.status, n.deleted_at, n.work, n.ticket_expires_at) c
      union all
      select o.tenant_id, -1, c.*
      from old_rows o, public.counts_as(o.status, o.deleted_at, o.work, o.ticket_expires_at) c
    ) changed
    group by tenant_id, expires
    having sum(sign * images) <> 0 or sum(sign * work) <> 0 or sum(sign * tickets) <> 0
      or sum(sign * ticket_work) <> 0 or sum(sign * ended_images) > 0;
    insert into public.work_delta (claimed, waited, longest_wait)
    select count(*), count(*) filter (where wait >= 5), max(wait)
    from (
      select greatest(0, extract(epoch from now() - enqueued_at)) as wait
      from new_rows where status = 'processing' and attempt = 1 and updated_at = now() and enqueued_at is not null
    ) first_claims
    having count(wait) > 0;
  end if;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.counts_as(text, timestamp with time zone, real, timestamp with time zone)
 RETURNS TABLE(images integer, work bigint, tickets integer, ticket_work bigint, expires bigint, ended_images integer, ended_work bigint)
 LANGUAGE sql
 STABLE
AS $function$
  select working::integer, case when working then thousandths else 0 end,
    awaited::integer, case when awaited then thousandths else 0 end,
    case when awaited then ceil(extract(epoch from $4))::bigint end,
    ended::integer, case when ended then thousandths else 0 end
  from (select round($3 * 1000)::bigint as thousandths,
    $1 in ('queued', 'processing') and $2 is null as working,
    $1 = 'awaiting_upload' and $2 is null as awaited,
    $1 in ('ready', 'rejected', 'failed') as ended) as kind
$function$;

CREATE OR REPLACE FUNCTION public.event_id()
 RETURNS uuid
 LANGUAGE sql
AS $function$
  select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
    placing substr(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint), 3) from 1 for 6),
    52, 1), 53, 1), 'hex')::uuid
$function$;

CREATE OR REPLACE FUNCTION public.event_time(timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 STABLE
AS $function$
  select to_char($1 at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$;

CREATE OR REPLACE FUNCTION public.number_event()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  new.events := old.events + 1;
  return new;
end $function$;

CREATE OR REPLACE FUNCTION public.oldest_snapshot_seconds()
 RETURNS double precision
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
  select coalesce(max(extract(epoch from clock_timestamp() - xact_start)), 0)::double precision from pg_stat_activity
  where backend_xmin is not null and datname = current_database() and pid <> pg_backend_pid()
$function$;
grant execute on function oldest_snapshot_seconds() to sluice_sweep;

CREATE OR REPLACE FUNCTION public.reconcile_backlog(every_seconds double precision)
 RETURNS TABLE(tenant text, images integer, work double precision, tickets integer)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;
grant execute on function reconcile_backlog(double precision) to sluice_sweep;

CREATE OR REPLACE FUNCTION public.record_events()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
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
end $function$;

CREATE OR REPLACE FUNCTION public.refuse_audit_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'lines of the audit trail are never changed' using errcode = '42501';
end $function$;
grant execute on function refuse_audit_change() to public;

CREATE OR REPLACE FUNCTION public.roll_up_backlog(last timestamp with time zone)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  at constant timestamptz := clock_timestamp();
  second constant bigint := floor(extract(epoch from at));
  seconds constant real := extract(epoch from at - last);
  sums record;
  queue record;
begin
  with gone as (
    -- Few enough for one statement, also when no one has asked for a day. They add up in any order.
    delete from public.work_delta where ctid = any(array(select ctid from public.work_delta limit 100000)) returning *
  ), counted as (
    insert into public.tenant_backlog as b (tenant_id, images, work, tickets, ticket_work)
    select tenant_id, sum(images), sum(work), sum(usable * tickets), sum(usable * ticket_work)
    from (select gone.*, (expires is null or expires > second)::integer as usable from gone) d
    where tenant_id is not null
    group by tenant_id
    having sum(images) <> 0 or sum(work) <> 0 or sum(usable * tickets) <> 0 or sum(usable * ticket_work) <> 0
    on conflict (tenant_id) do update set images = b.images + excluded.images, work = b.work + excluded.work,
      tickets = b.tickets + excluded.tickets, ticket_work = b.ticket_work + excluded.ticket_work
  ), issued as (
    insert into public.ticket_expiry as e (expires, tenant_id, tickets, ticket_work)
    select expires, tenant_id, sum(tickets), sum(ticket_work) from gone where expires > second
    group by expires, tenant_id
    having sum(tickets) <> 0 or sum(ticket_work) <> 0
    on conflict (expires, tenant_id) do update set tickets = e.tickets + excluded.tickets,
      ticket_work = e.ticket_work + excluded.ticket_work
  )
  select coalesce(sum(ended_work), 0) as work, coalesce(sum(ended_images), 0) as images, sum(claimed) as claimed,
    sum(waited) as waited, coalesce(max(longest_wait), 0) as longest_wait
  into sums from gone;

  with over as (
    delete from public.ticket_expiry where expires <= second returning *
  )
  update public.tenant_backlog b set tickets = b.tickets - o.tickets, ticket_work = b.ticket_work - o.ticket_work
  from (select tenant_id, sum(tickets) as tickets, sum(ticket_work) as ticket_work from over group by tenant_id) o
  where b.tenant_id = o.tenant_id;
  delete from public.tenant_backlog where images = 0 and work = 0 and tickets = 0 and ticket_work = 0;

  -- Whether more than a few images, which no worker has tried, have waited since the last roll-up.
  select count(*) filter (where attempt = 0 and since <= last) as untried, min(since) as oldest_at
  into queue
  from (
    select attempt, coalesce(enqueued_at, updated_at) as since from public.image
    where status = 'queued' and deleted_at is null
    order by coalesce(enqueued_at, updated_at), id limit 32
  ) oldest;
  update public.backlog_roll_up u set oldest_at = queue.oldest_at,
    claimed_at = case when sums.claimed > 0 then at else u.claimed_at end,
    worked_at = case when sums.claimed > 0 or sums.images > 0 then at else u.worked_at end,
    claims_waited = case when sums.claimed > 0 then sums.waited * 5 >= sums.claimed else u.claims_waited end,
    longest_wait = case when sums.claimed > 0 then sums.longest_wait else u.longest_wait end;
  -- Not while the workers do nothing, or cannot: an outage tells nothing of their pace.
  if seconds between 0 and 120 then
    insert into public.drain_interval (ended_at, seconds, work, images)
    select at, seconds, sums.work, sums.images from public.backlog_roll_up
    where (queue.untried >= 16 or (claims_waited and claimed_at > at - interval '30 seconds'))
      and worked_at > at - interval '30 seconds';
    delete from public.drain_interval where id <= (select max(id) from public.drain_interval) - 120;
  end if;
  update public.backlog_roll_up set rolled_at = at,
    tenants = (select coalesce(json_agg(json_build_array(tenant_id, images, work, tickets, ticket_work)), '[]')
      from public.tenant_backlog),
    ended = (select coalesce(json_agg(json_build_array(round(extract(epoch from ended_at) * 1000),
      round(i.seconds::numeric, 3), work, images) order by id), '[]') from public.drain_interval i);
  delete from public.backlog_turns where made_at not between at - interval '40 seconds' and at + interval '5 seconds';
end $function$;

CREATE OR REPLACE FUNCTION public.rotate_webhook_secret(endpoint uuid, tenant text, new_secret text, keep_seconds double precision)
 RETURNS SETOF timestamp with time zone
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
  update public.webhook_endpoint set
    previous_secret = case when secret = new_secret then previous_secret else secret end,
    previous_until = case when secret = new_secret then previous_until else now() + make_interval(secs => keep_seconds) end,
    secret = new_secret,
    revision = revision + (secret <> new_secret)::integer,
    updated_at = case when secret = new_secret then updated_at else now() end
  where id = endpoint and tenant_id = tenant and deleted_at is null
  returning coalesce(previous_until, now())
$function$;
grant execute on function rotate_webhook_secret(uuid,text,text,double precision) to sluice_api;

CREATE OR REPLACE FUNCTION public.settle_charge()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
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
end $function$;
grant execute on function settle_charge() to public;

CREATE OR REPLACE FUNCTION public.sync_backlog(environment text, turns bytea, seen text)
 RETURNS TABLE(at double precision, tenants json, ended json, oldest double precision, environments integer, shared json, seen_now text)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO ''
AS $function$
declare
  last timestamptz;
begin
  if turns is not null then
    insert into public.backlog_turns (environment, bytes) values (sync_backlog.environment, turns);
  end if;
  select rolled_at into last from public.backlog_roll_up;
  if (last not between clock_timestamp() - interval '0.9 seconds' and clock_timestamp())
    and pg_try_advisory_xact_lock(7358202) then
    -- Again: the one before may have ended in between.
    select rolled_at into last from public.backlog_roll_up;
    if last not between clock_timestamp() - interval '0.9 seconds' and clock_timestamp() then
      perform public.roll_up_backlog(last);
    end if;
  end if;
  return query
  select extract(epoch from clock_timestamp())::float8 * 1000,
    u.tenants, u.ended,
    greatest(0, extract(epoch from clock_timestamp() - u.oldest_at),
      case when u.claimed_at > clock_timestamp() - interval '30 seconds' then u.longest_wait end)::float8,
    -- Frozen environments keep their session.
    (select greatest(1, count(*))::integer from pg_stat_activity a
     where a.usename = 'sluice_api' and a.datname = current_database()
       and coalesce(a.state_change > clock_timestamp() - interval '1 minute', true)),
    (select coalesce(json_agg(json_build_array(t.environment, encode(t.bytes, 'base64')) order by t.id), '[]')
     from public.backlog_turns t
     where t.environment <> sync_backlog.environment
       and (seen is null or not pg_visible_in_snapshot(t.made_by, seen::pg_snapshot))),
    pg_current_snapshot()::text
  from public.backlog_roll_up u;
end $function$;
grant execute on function sync_backlog(text,bytea,text) to sluice_api;
grant execute on function sync_backlog(text,bytea,text) to sluice_sweep;

CREATE OR REPLACE FUNCTION public.webhook_of_key(tenant text, key text, digest bytea, keep_seconds double precision)
 RETURNS TABLE(id uuid, is_same boolean, secret text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO ''
AS $function$
  select made.id, made.request_sha256 = digest,
    case when made.request_sha256 = digest and made.previous_until is null then made.secret end
  from public.webhook_endpoint made
  where made.tenant_id = tenant and made.deleted_at is null and made.idempotency_key = key
    and made.created_at > now() - make_interval(secs => keep_seconds)
  order by made.created_at desc limit 1
$function$;
grant execute on function webhook_of_key(text,text,bytea,double precision) to sluice_api;

CREATE TRIGGER audit_head AFTER INSERT ON public.audit_line REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION advance_audit_head();

CREATE TRIGGER audit_line_stays BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit_line FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

CREATE TRIGGER count_deleted AFTER DELETE ON public.image REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_work();

CREATE TRIGGER count_inserted AFTER INSERT ON public.image REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_work();

CREATE TRIGGER count_updated AFTER UPDATE ON public.image REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_work();

CREATE TRIGGER image_charge BEFORE UPDATE ON public.image FOR EACH ROW WHEN (((new.charge IS NOT NULL) AND ((old.status IS DISTINCT FROM new.status) OR (old.deleted_at IS DISTINCT FROM new.deleted_at)) AND ((new.status <> ALL (ARRAY['awaiting_upload'::text, 'queued'::text, 'processing'::text])) OR ((new.deleted_at IS NOT NULL) AND (new.status <> 'processing'::text))))) EXECUTE FUNCTION settle_charge();

CREATE TRIGGER image_event_inserted AFTER INSERT ON public.image REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION record_events();

CREATE TRIGGER image_event_number BEFORE UPDATE ON public.image FOR EACH ROW WHEN (((old.deleted_at IS NULL) AND ((new.deleted_at IS NOT NULL) OR ((old.status <> new.status) AND (new.status = ANY (ARRAY['ready'::text, 'rejected'::text, 'failed'::text, 'superseded'::text, 'expired'::text])))))) EXECUTE FUNCTION number_event();

CREATE TRIGGER image_event_updated AFTER UPDATE ON public.image REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION record_events();
