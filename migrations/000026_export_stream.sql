-- Which tenant's images are being streamed: one stream of a tenant at a time. A row and no lock of a session, which a
-- pooler would leave behind on a connection of the server. The row goes with the stream; after one that was killed it
-- counts until the latest end that its invocation could have had.
create table export_stream (
  tenant_id text primary key references tenant (id) on delete cascade,
  holder uuid not null,
  held_until timestamptz not null
);
grant select, insert, update, delete on export_stream to sluice_export;
