import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { giveTo, serverAccount } from '../../../local/postgres/account.ts';
import { stopChild } from '../../../local/processes/stop-child.ts';
import type { TestDatabase } from '../../support/database.ts';
import { patience, waiting } from '../../support/pace.ts';
import { freePort } from '../../support/ports.ts';

/** The program, of Debian's package `pgbouncer` (.ci/run installs it); undefined where it is missing. */
export const pgbouncer: string | undefined = [process.env.SLUICE_PGBOUNCER, '/usr/sbin/pgbouncer'].find(
  (path) => path !== undefined && existsSync(path),
);

/** A running PgBouncer in front of a database. */
export interface RunningPooler {
  port: number;
  /** Its own console, which answers `show clients` and the like. */
  console: pg.Client;
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts PgBouncer, lending connections for a transaction.
 * @param users log in with the password of the roles, at PgBouncer and at the server.
 * @param size connections to the server, of all users.
 */
export async function startPgBouncer(
  program: string,
  address: TestDatabase,
  { users, size }: { users: readonly string[]; size: number },
): Promise<RunningPooler> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pgbouncer-'));
  const port = await freePort();
  const file = (name: string) => join(folder, name);
  const longest = Math.ceil(patience(60_000) / 1_000);
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: file('users.txt'),
    stats_users: 'watcher',
    pool_mode: 'transaction',
    max_client_conn: 1_000,
    // As many may connect at once: when the backlog (128 by default) is full, the kernel resets some of them.
    listen_backlog: 1_000,
    default_pool_size: size,
    max_db_connections: size,
    // Seconds that a client waits for a connection or its login, and a login at the server takes.
    query_wait_timeout: longest,
    client_login_timeout: longest,
    server_connect_timeout: longest,
    logfile: file('log'),
    // Only what goes wrong.
    log_connections: 0,
    log_disconnections: 0,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(
    file('ini'),
    [
      '[databases]',
      `${address.name} = host=${address.host} port=${address.port}`,
      '[pgbouncer]',
      ...lines,
      '',
    ].join('\n'),
  );
  const passwords = [...users, 'watcher'].map((user) => `"${user}" "${address.rolesPassword}"\n`);
  writeFileSync(file('users.txt'), passwords.join(''), { mode: 0o600 });
  // PgBouncer refuses to run as root, like Postgres.
  const account = serverAccount(folder);
  giveTo(account, folder);
  const child = spawn(program, ['-q', file('ini')], { ...account, cwd: folder, stdio: 'ignore' });
  const ended = once(child, 'exit').then(() => undefined);
  const log = () => (existsSync(file('log')) ? readFileSync(file('log'), 'utf8') : '');
  const console = await openConsole(port, address.rolesPassword, child).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`PgBouncer did not start: ${log()}`, { cause: error });
  });
  return {
    port,
    console,
    log,
    async stop() {
      await console.end();
      // At once.
      await stopChild(child, ended, 'SIGTERM', patience(5_000));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openConsole(port: number, password: string, child: ChildProcess): Promise<pg.Client> {
  const late = waiting(10_000);
  for (;;) {
    const console = new pg.Client({
      host: '127.0.0.1',
      port,
      database: 'pgbouncer',
      user: 'watcher',
      password,
    });
    try {
      await console.connect();
      return console;
    } catch (error) {
      if (child.exitCode !== null || late()) throw error;
      await pause(20);
    }
  }
}
