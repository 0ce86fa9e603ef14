-- An export that is over loses its file first. Its row stays until its Idempotency-Key may be forgotten, so that a repeated
-- request is told that the export is gone, and does not make another one.
alter table export_job add column file_removed_at timestamptz;
drop index export_job_by_deletion;
create index export_job_by_deletion on export_job (deleted_at) where deleted_at is not null and file_removed_at is null;
create index export_job_by_removal on export_job (created_at) where file_removed_at is not null;
grant update (deleted_at, updated_at, upload_id, file_removed_at) on export_job to sluice_sweep;
