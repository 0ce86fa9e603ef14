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
grant select on api_key to sluice_operate;
grant update (revoked_at) on api_key to sluice_operate;

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
  charge jsonb,
  constraint image_pkey PRIMARY KEY (id),
  constraint image_check CHECK (((status = ANY (ARRAY['rejected'::text, 'failed'::text])) = (error_code IS NOT NULL))),
  constraint image_declared_bytes_check CHECK ((declared_bytes >= 0)),
  constraint image_declared_sha256_check CHECK ((declared_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint image_frames_check CHECK ((frames > 0)),
  constraint image_lease_stage_check CHECK ((lease_stage = ANY (ARRAY['waiting'::text, 'beside'::text, 'alone'::text]))) NOT VALID,
  constraint image_presets_check CHECK ((cardinality(presets) > 0)),
  constraint image_status_check CHECK ((status = ANY (ARRAY['awaiting_upload'::text, 'queued'::text, 'processing'::text, 'ready'::text, 'rejected'::text, 'failed'::text, 'expired'::text]))),
  constraint image_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id)
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
CREATE INDEX image_queued ON public.image USING btree (COALESCE(enqueued_at, updated_at), id) WHERE ((status = 'queued'::text) AND (deleted_at IS NULL));
CREATE INDEX image_removable ON public.image USING btree (GREATEST(ticket_expires_at, lease_expires_at), id) WHERE (deleted_at IS NOT NULL);
CREATE INDEX image_work ON public.image USING btree (tenant_id) WHERE ((status = ANY (ARRAY['queued'::text, 'processing'::text])) AND (deleted_at IS NULL));
grant delete, select, update on image to sluice_sweep;
grant insert, select, update on image to sluice_api;
grant select on image to sluice_operate;
grant select, update on image to sluice_process;

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
  constraint quota_use_pkey PRIMARY KEY (tenant_id, resource),
  constraint quota_use_resource_check CHECK ((resource = ANY (ARRAY['requests'::text, 'images'::text, 'bytes'::text, 'megapixels'::text]))),
  constraint quota_use_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE
) with (
  fillfactor=50,
  autovacuum_vacuum_scale_factor=0.01
);
grant delete, select on quota_use to sluice_sweep;
grant insert, select, update on quota_use to sluice_api;
grant select on quota_use to sluice_operate;

create table tenant (
  id text not null,
  created_at timestamp with time zone not null default now(),
  plan text,
  constraint tenant_pkey PRIMARY KEY (id),
  constraint tenant_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9-]{0,62}$'::text))
);
grant insert (id) on tenant to sluice_operate;
grant select on tenant to sluice_api;
grant select on tenant to sluice_operate;
grant update (plan) on tenant to sluice_operate;

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
