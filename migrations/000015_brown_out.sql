-- Variants that a worker left for later during a brown-out: [{"preset": "large", "format": "webp"}, …]. The image is ready
-- with the others. Null for all other images.
alter table image add column pending jsonb;
-- Attempts to make them. After too many the image stays as it is.
alter table image add column completions integer not null default 0;

-- Objects of variants that were made anew. Their URLs stay valid for a while, then the sweep deletes them.
create table replaced_object (
  image_id uuid not null references image (id) on delete cascade,
  key text not null,
  replaced_at timestamptz not null default now(),
  primary key (image_id, key)
);
create index replaced_object_by_age on replaced_object (replaced_at, image_id, key);
grant insert on replaced_object to sluice_process;
grant select, delete on replaced_object to sluice_sweep;
