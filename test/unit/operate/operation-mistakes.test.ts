import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { operationNames } from '../../../lambda/operate/event.ts';
import { operate } from '../../../lambda/operate/operations.ts';
import { type Asking, mistake, openAsking } from './asking.ts';
import { settings } from './settings.ts';

let asking: Asking;
beforeAll(async () => {
  asking = await openAsking();
});
afterAll(() => asking.close());
afterEach(async () => {
  await asking.empty();
});

describe('a mistake', () => {
  it.each([
    { operation: 'listKeys', tenant: 'nobody' },
    { operation: 'makeKey', tenant: 'nobody' },
    { operation: 'revokeKey', tenant: 'nobody', key: 'abababab' },
    { operation: 'revokeAllKeys', tenant: 'nobody' },
    { operation: 'rotateKeys', tenant: 'nobody' },
    { operation: 'listImages', tenant: 'nobody', which: 'failed' },
  ])('in the name of a tenant makes none: $operation', async (event) => {
    await expect(asking.ask(event)).rejects.toMatchObject(mistake('tenant_unknown'));
    expect(await asking.ask({ operation: 'listTenants' })).toMatchObject({ tenants: [] });
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
  ])('in an event is told, and nothing is done: %j', async (event, words) => {
    await asking.tenant('acme', 'one');
    await expect(asking.ask(event)).rejects.toThrow(words);
    await expect(asking.ask(event)).rejects.toMatchObject({ name: 'EventMistake' });
    expect(await asking.holder('one')).toBeDefined();
  });

  it.each([
    ['without tables', 'select'],
    [
      'without the grants of this version',
      'create table tenant (id text, created_at timestamptz); create table api_key (tenant_id text, revoked_at timestamptz)',
    ],
  ])('is a database %s, and the message says what to do', async (_, sql) => {
    const name = `bare_${randomUUID().replaceAll('-', '')}`;
    await asking.sql.query(`create database ${name}`);
    await asking.prepare(name, sql);
    const asked = asking.ask({ operation: 'listTenants' }, name);
    await expect(asked).rejects.toMatchObject(mistake('not_migrated'));
    await expect(asked).rejects.toThrow('invoke migrate with {} first');
    await asking.sql.query(`drop database ${name} with (force)`);
  });

  it('is a missing role, whose login the database refuses', async () => {
    const stranger = asking.open(undefined, 'sluice_nobody');
    const asked = operate(stranger, { operation: 'listTenants', after: '', limit: 1 }, settings, {});
    await expect(asked).rejects.toThrow(
      'not_migrated: the database refused the login of operate: invoke migrate',
    );
    await stranger.close();
  });

  it('half way leaves nothing behind: a key whose tenant was not ended for the others is not made', async () => {
    await asking.tenant('acme', 'one');
    await asking.sql.query(
      "create function refuse() returns trigger language plpgsql as $$ begin raise 'refused' using errcode = '23000'; end $$; create trigger refuse before update on api_key for each row execute function refuse()",
    );
    await expect(asking.ask({ operation: 'rotateKeys', tenant: 'acme' })).rejects.toMatchObject({
      code: '23000',
    });
    await asking.sql.query('drop function refuse cascade');
    expect(await asking.ask({ operation: 'listTenants' })).toMatchObject({ tenants: [{ validKeys: 1 }] });
  });

  it('of another session that holds a lock is waited for ten seconds and no longer', async () => {
    await asking.ask({ operation: 'listTenants' });
    expect(asking.log.lines.at(-1)).toMatchObject({ fields: { operation: 'listTenants' } });
    await asking.setRoles();
    const database = asking.open();
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
