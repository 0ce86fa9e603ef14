-- With counters on Valkey, quota_use is their durable copy: of the last save, from which lost counters are rebuilt.
-- What came back is added up here and carried over as a total, so that it is counted once however often it is sent.
-- Both totals are of `day` and its month. Written by the API only; leases in Postgres do not read them.
alter table quota_use
  add column returned_of_day float8 not null default 0,
  add column returned_of_month float8 not null default 0;
