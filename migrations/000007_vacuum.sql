-- Postgres vacuums a table when a fifth of it has changed. Of ten million images that is weeks in which the visibility
-- map knows nothing of the newest, and a count by an index alone looks up every row all the same; and statistics of
-- yesterday call a backlog of half a million empty. So: after every hundredth, of which the cost follows the writes.
alter table image set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01,
  autovacuum_analyze_scale_factor = 0.01);
alter table variant set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);
alter table idempotency_key set (autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_insert_scale_factor = 0.01);
