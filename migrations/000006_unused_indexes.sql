-- Runs outside a transaction.
--
-- What the indexes of 000005 took over. No release asks by these any more.
drop index concurrently if exists image_by_tenant;
drop index concurrently if exists image_unfinished;
drop index concurrently if exists image_finished;
drop index concurrently if exists image_deleted;
