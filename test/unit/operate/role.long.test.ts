import { describe, expect, it } from 'vitest';
import { id, useFixture } from './fixture.ts';

/* The role sluice_operate: enough for every operation, and nothing else. The other tests of this folder log in as it. */

const grants = [
  ['select', 'tenant'],
  ['insert (id)', 'tenant'],
  ['select', 'api_key'],
  ['insert (sha256, tenant_id)', 'api_key'],
  ['update (revoked_at)', 'api_key'],
  ['select', 'image'],
  ['select', 'variant'],
  ['select', 'extra_upload'],
  ['select', 'plan'],
  ['insert (name, terms)', 'plan'],
  ['update (terms, updated_at)', 'plan'],
  ['delete', 'plan'],
  ['update (plan)', 'tenant'],
  ['select', 'quota_use'],
  ['select', 'quota_return'],
  ['select', 'usage_hour'],
  ['select', 'audit_head'],
  ['select', 'audit_line'],
] as const;

const fixture = useFixture();

/** Runs operations that together need every grant. */
async function operateAll(): Promise<void> {
  await fixture.invoke({ operation: 'makeTenant', tenant: 'acme' });
  await fixture.invoke({ operation: 'makeKey', tenant: 'acme' });
  await fixture.invoke({ operation: 'rotateKeys', tenant: 'acme' });
  await fixture.invoke({ operation: 'listTenants' });
  const image = await fixture.image('acme', { status: 'queued' });
  await fixture.invoke({ operation: 'showImage', image });
  await fixture.invoke({ operation: 'listImages', tenant: 'acme', which: 'unfinished' });
  await fixture.invoke({ operation: 'setPlan', plan: 'pro', terms: {} });
  await fixture.invoke({ operation: 'givePlan', tenant: 'acme', plan: 'pro' });
  await fixture.invoke({ operation: 'showUse', tenant: 'acme' });
  await fixture.invoke({ operation: 'removePlan', plan: 'pro' });
  await fixture.invoke({ operation: 'showUsage', tenant: 'acme' });
  await fixture.invoke({ operation: 'verifyAudit', tenant: 'acme' });
}

describe('the role of operate', () => {
  it.each(grants)('needs its grant of %s on %s', async (privilege, table) => {
    await operateAll();
    await fixture.sql.query(`revoke ${privilege} on ${table} from sluice_operate`);
    try {
      await expect(operateAll()).rejects.toThrow('not_migrated');
    } finally {
      await fixture.sql.query(`grant ${privilege} on ${table} to sluice_operate`);
    }
  });

  it('has no other grants', async () => {
    const { rows } = await fixture.sql.query<{ granted: string }>(
      `select lower(privilege_type) || ' on ' || table_name as granted from information_schema.role_table_grants
         where grantee = 'sluice_operate'
       union all
       select format('%s (%s) on %s', lower(privilege_type), string_agg(column_name, ', ' order by column_name), table_name)
         from information_schema.column_privileges
         where grantee = 'sluice_operate' and privilege_type <> 'SELECT' group by privilege_type, table_name`,
    );
    expect(rows.map(({ granted }) => granted).sort()).toEqual(
      grants.map(([privilege, table]) => `${privilege} on ${table}`).sort(),
    );
  });

  it.each([
    'create table more (id int)',
    'alter table tenant add column more int',
    "update api_key set tenant_id = 'bold'",
    'update api_key set created_at = now()',
    'delete from api_key',
    'delete from tenant',
    'delete from image',
    "update image set status = 'queued'",
    'select 1 from idempotency_key',
    'create role sluice_more',
  ])('cannot run "%s"', async (sql) => {
    await fixture.tenant('acme', 'one');
    const database = fixture.open();
    await expect(database.run((connection) => connection.query(sql))).rejects.toMatchObject({
      code: '42501',
    });
    await database.close();
    expect(await fixture.invoke({ operation: 'listKeys', tenant: 'acme' })).toMatchObject({
      keys: [{ id: id('one') }],
    });
  });
});
