-- The role of `export`: it finds the tenant of a key and reads images. It changes nothing.
grant select on tenant, api_key, plan, image to sluice_export;
