-- In a pause of an endpoint a bounded number of deliveries is made (made_in_pause); what comes beyond is counted (missed) and
-- made no delivery. Its owner sees that number, and a resumption by hand sets it back.
alter table webhook_endpoint
  add column made_in_pause integer not null default 0,
  add column missed bigint not null default 0;

grant select (missed), update (made_in_pause, missed) on webhook_endpoint to sluice_api;
grant select (made_in_pause, missed), update (made_in_pause, missed) on webhook_endpoint to sluice_relay;
grant update (made_in_pause) on webhook_endpoint to sluice_dispatch;
