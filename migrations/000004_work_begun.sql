-- What a worker was doing with an image when it was last heard of, while it holds the lease: the image waited its
-- turn, was worked on beside others of its batch, or alone. A death counts against an image only in the last case.
-- Left behind by a release, `beside` says that the image is suspected. Constraints on these columns are not
-- validated: they are new, and a scan of the table would hold up everybody.
alter table image add column lease_stage text;
alter table image add constraint image_lease_stage_check
  check (lease_stage in ('waiting', 'beside', 'alone')) not valid;
-- The attempt that the dead-letter queue was told of.
alter table image add column dead_lettered_attempt integer;
-- The last failure, in words for an operator.
alter table image add column last_error text;
-- The version of the upload that came first: what is processed, described and kept.
alter table image add column original_version text;

-- Uploads by the same ticket that came after the first. The sweep takes them from the bucket.
create table extra_upload (
  image_id uuid not null references image (id) on delete cascade,
  version_id text not null,
  seen_at timestamptz not null default now(),
  primary key (image_id, version_id)
);
grant insert on extra_upload to sluice_process;
grant select, delete on extra_upload to sluice_sweep;
