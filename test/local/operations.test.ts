import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { expect, it, onTestFinished } from 'vitest';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { buildLocally } from '../../local/build.ts';
import { createDatabase } from '../support/database.ts';
import { startHost, temporaryFolder } from './test-host.ts';

const projectRoot = join(import.meta.dirname, '../..');

it('the built function operate performs the operations and reports mistakes', async () => {
  const home = temporaryFolder();
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const client = new pg.Client({ ...database, database: database.name });
  await client.connect();
  await client.query("insert into tenant (id) values ('acme')");
  await client.end();
  const { functions } = await buildLocally({
    config: resolveConfig({ presets: { small: { width: 320 } } }),
    projectRoot,
    outDir: join(home, 'built'),
    onProgress: () => undefined,
  });
  const host = await startHost(home);
  host.add({
    name: 'operate',
    folder: functions.operate.folder,
    timeoutSeconds: 30,
    memoryMb: 256,
    maxConcurrency: 1,
    environment: {
      DATABASE_HOST: database.host,
      DATABASE_PORT: String(database.port),
      DATABASE_NAME: database.name,
      DATABASE_USER: 'sluice_operate',
      DATABASE_PASSWORD: database.rolesPassword,
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: 'named',
    },
  });
  const ask = async (event: object) => {
    const result = await host.invoke('operate', event);
    return result.ok ? (JSON.parse(result.payload) as Record<string, unknown>) : result.error;
  };

  const { apiKey, keyId } = (await ask({ operation: 'rotateKeys', tenant: 'acme' })) as Record<
    string,
    string
  >;
  expect(await ask({ operation: 'listKeys', tenant: 'acme' })).toMatchObject({
    keys: [{ id: keyId, state: 'valid' }],
  });
  expect(await ask({ operation: 'revokeKey', tenant: 'acme', key: keyId })).toMatchObject({ validKeys: 0 });
  expect(await ask({ operation: 'listKeys', tenant: 'nobody' })).toMatchObject({
    errorType: 'OperationMistake',
    errorMessage: 'tenant_unknown: there is no tenant "nobody"',
  });
  expect(await ask({ operation: 'nothing' })).toMatchObject({
    errorType: 'EventMistake',
    errorMessage: expect.stringContaining('operation must be one of listTenants, listKeys'),
  });
  const log = readFileSync(join(home, 'logs/operate.log'), 'utf8');
  expect(log).toContain('"operation":"rotateKeys"');
  expect(log).not.toContain(apiKey);
});
