-- Runs outside a transaction.
--
-- Ready images with variants that follow, by the last message or lease. Other images cost it nothing.
create index concurrently if not exists image_pending on image
  ((greatest(coalesce(enqueued_at, updated_at), lease_expires_at)), id) where pending is not null and deleted_at is null;
