-- A paused endpoint has a bounded number of deliveries waiting; what comes beyond is counted here and made no delivery. Its
-- owner sees the number, and a resumption by hand sets it back.
alter table webhook_endpoint add column missed bigint not null default 0;

grant select (missed), update (missed) on webhook_endpoint to sluice_api;
grant select (missed), update (missed) on webhook_endpoint to sluice_relay;
-- To see how many wait.
grant select (state) on webhook_delivery to sluice_relay;
