-- Runs outside a transaction.
--
-- Images of a name by status, newest first: a claim asks for the newest that has arrived and for tickets that may have
-- been used, and an upload for the older ones that wait. Images without a name, which are nearly all, cost it nothing.
create index concurrently if not exists image_named on image (tenant_id, replaces, status, id desc)
  where replaces is not null and deleted_at is null;
-- Superseded images whose objects are still there, by the time from which nothing can come back to them.
create index concurrently if not exists image_uncleared on image ((greatest(ticket_expires_at, lease_expires_at)), id)
  where status = 'superseded' and cleared_at is null and deleted_at is null;
-- Superseded images by their end, for retention.
create index concurrently if not exists image_superseded on image (updated_at, id) where status = 'superseded';
