-- The role of `operate`: it reads tenants, keys and images, adds tenants and keys, and ends keys. It can neither
-- delete keys nor give them to another tenant, and changes no image.
grant select on tenant, api_key, image, variant, extra_upload to sluice_operate;
grant insert (id) on tenant to sluice_operate;
grant insert (sha256, tenant_id), update (revoked_at) on api_key to sluice_operate;
