-- Runs outside a transaction.
--
-- The keys of a tenant, for whoever lists, revokes or rotates them. The primary key is by hash, as requests ask.
create index concurrently if not exists api_key_by_tenant on api_key (tenant_id, created_at, sha256);
