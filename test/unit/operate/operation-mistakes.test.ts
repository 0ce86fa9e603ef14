import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { operationNames } from '../../../lambda/operate/event.ts';
import { operate } from '../../../lambda/operate/operations.ts';
import { mistake, useFixture } from './fixture.ts';
import { settings } from './settings.ts';

const fixture = useFixture();

describe('a refused operation', () => {
  it.each([
    { operation: 'listKeys', tenant: 'nobody' },
    { operation: 'makeKey', tenant: 'nobody' },
    { operation: 'revokeKey', tenant: 'nobody', key: 'abababab' },
    { operation: 'revokeAllKeys', tenant: 'nobody' },
    { operation: 'rotateKeys', tenant: 'nobody' },
    { operation: 'listImages', tenant: 'nobody', which: 'failed' },
  ])('an unknown tenant is not created: $operation', async (event) => {
    await expect(fixture.invoke(event)).rejects.toMatchObject(mistake('tenant_unknown'));
    expect(await fixture.invoke({ operation: 'listTenants' })).toMatchObject({ tenants: [] });
  });

  it.each([
    [{ operation: 'dropTables' }, `operation must be one of ${operationNames.join(', ')}`],
    [{ operation: null }, 'operation must be one of'],
    [{ operation: 'listKeys' }, 'tenant'],
    [{ operation: 'listKeys', tenant: 'No Name' }, 'must be 1-63 of a-z, 0-9 and -'],
    [{ operation: 'revokeKey', tenant: 'acme', key: 'abc' }, 'must be the first 8 to 64 hex digits'],
    [{ operation: 'revokeKey', tenant: 'acme' }, 'key'],
    [{ operation: 'rotateKeys', tenant: 'acme', overlapSeconds: 31 * 86_400 }, 'overlapSeconds'],
    [{ operation: 'rotateKeys', tenant: 'acme', overlap: 60 }, 'overlap'],
    [{ operation: 'showImage', image: 'ABC' }, 'must be the id of an image'],
    [{ operation: 'listImages', tenant: 'acme', which: 'ready' }, 'which'],
    [{ operation: 'listImages', tenant: 'acme', which: 'failed', limit: 101 }, 'limit'],
  ])('an invalid event is rejected without effect: %j', async (event, words) => {
    await fixture.tenant('acme', 'one');
    await expect(fixture.invoke(event)).rejects.toThrow(words);
    await expect(fixture.invoke(event)).rejects.toMatchObject({ name: 'EventMistake' });
    expect(await fixture.holder('one')).toBeDefined();
  });

  it.each([
    ['without tables', 'select'],
    [
      'without the grants of this version',
      'create table tenant (id text, created_at timestamptz); create table api_key (tenant_id text, revoked_at timestamptz)',
    ],
  ])('in a database %s the error says to migrate', async (_, sql) => {
    const name = `bare_${randomUUID().replaceAll('-', '')}`;
    await fixture.sql.query(`create database ${name}`);
    await fixture.prepare(name, sql);
    const invoked = fixture.invoke({ operation: 'listTenants' }, name);
    await expect(invoked).rejects.toMatchObject(mistake('not_migrated'));
    await expect(invoked).rejects.toThrow('invoke migrate with {} first');
    await fixture.sql.query(`drop database ${name} with (force)`);
  });

  it('if the database refuses the login, the error says to migrate', async () => {
    const stranger = fixture.open(undefined, 'sluice_nobody');
    const invoked = operate(stranger, { operation: 'listTenants', after: '', limit: 1 }, settings, {});
    await expect(invoked).rejects.toThrow(
      'not_migrated: the database refused the login of operate: invoke migrate',
    );
    await stranger.close();
  });

  it('a rotation that fails after creating the key leaves no key', async () => {
    await fixture.tenant('acme', 'one');
    await fixture.sql.query(
      "create function refuse() returns trigger language plpgsql as $$ begin raise 'refused' using errcode = '23000'; end $$; create trigger refuse before update on api_key for each row execute function refuse()",
    );
    await expect(fixture.invoke({ operation: 'rotateKeys', tenant: 'acme' })).rejects.toMatchObject({
      code: '23000',
    });
    await fixture.sql.query('drop function refuse cascade');
    expect(await fixture.invoke({ operation: 'listTenants' })).toMatchObject({ tenants: [{ validKeys: 1 }] });
  });

  it('statements wait for a lock of another session for ten seconds', async () => {
    await fixture.invoke({ operation: 'listTenants' });
    expect(fixture.log.lines.at(-1)).toMatchObject({ fields: { operation: 'listTenants' } });
    await fixture.setRoles();
    const database = fixture.open();
    const seen: string[] = [];
    const spying = {
      ...database,
      run: ((work, call) =>
        database.run(async (connection) => {
          const answer = await work(connection);
          seen.push(
            (
              await connection.query<{ timeout: string }>('select current_setting($1) as timeout', [
                'statement_timeout',
              ])
            ).rows[0]?.timeout ?? '',
          );
          return answer;
        }, call)) as typeof database.run,
    };
    await operate(spying, { operation: 'listTenants', after: '', limit: 1 }, settings, {});
    await database.close();
    expect(seen).toEqual(['10s']);
  });
});
