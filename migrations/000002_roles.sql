-- One role a function, with what it touches and no more. `migrate` creates the roles before this runs and
-- sets their CONNECTION LIMIT from the budget after it: the limit is configuration, not schema (I5).
grant select on tenant, api_key to sluice_api;
grant select, insert, update on image to sluice_api;
grant select on variant to sluice_api;
grant select, insert, update, delete on idempotency_key to sluice_api;

grant select, update on image to sluice_process;
grant select, insert, update, delete on variant to sluice_process;

grant select, update, delete on image to sluice_sweep;
grant select on variant to sluice_sweep;
grant select, delete on idempotency_key to sluice_sweep;
