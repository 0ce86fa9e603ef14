-- Runs outside a transaction.
--
-- An index for each question, so that none scans, sorts or walks rows that it does not want, at any size and for any
-- tenant; docs/database.md has the measured plan of each statement. Those of unfinished work are partial: finished
-- rows, which are nearly all, cost them nothing. Ids come last where a sweep goes on behind the row it ended with.

-- The list of a tenant, by status: that of all is merged from those of each, which spares every write a second index.
create index concurrently if not exists image_by_status on image (tenant_id, status, id desc)
  where deleted_at is null;
-- Work that waits or is under way: admission counts it, by tenant or in all. What was deleted is no work.
create index concurrently if not exists image_work on image (tenant_id)
  where status in ('queued', 'processing') and deleted_at is null;
-- Tickets that still admit an upload, for admission; and those that ran out, for the sweep.
create index concurrently if not exists image_awaiting on image (ticket_expires_at, id)
  where status = 'awaiting_upload' and deleted_at is null;
-- Queued images by the time since which their message is on its way.
create index concurrently if not exists image_queued on image ((coalesce(enqueued_at, updated_at)), id)
  where status = 'queued' and deleted_at is null;
-- Leases by their end; apart from them those whose image has been enqueued again since, by the time of that.
create index concurrently if not exists image_leased on image
  ((coalesce(enqueued_at >= lease_expires_at, false)), (greatest(lease_expires_at, enqueued_at)), id)
  where status = 'processing' and deleted_at is null;
-- Images at their end: how many in the last minute, and which have been kept for long enough.
create index concurrently if not exists image_ended on image (status, updated_at, id)
  where status in ('ready', 'rejected', 'failed', 'expired');
-- Deleted images by the time from which nothing can come back to them: neither an upload nor a worker's variants.
create index concurrently if not exists image_removable on image ((greatest(ticket_expires_at, lease_expires_at)), id)
  where deleted_at is not null;
