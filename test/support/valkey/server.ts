import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'iovalkey';
import { freePort } from '../../../local/http/listen.ts';
import { freeze } from '../freeze.ts';
import { waiting } from '../pace.ts';

/** The program: SLUICE_VALKEY_SERVER, or what the distribution installs. */
const program = [
  process.env.SLUICE_VALKEY_SERVER,
  'valkey-server',
  'redis-server',
  '/usr/bin/redis-server',
].find((name) => name !== undefined && spawnSync(name, ['--version']).status === 0);

/** `.ci/run` names what must be there, as `valkey`; a test that would skip without it fails then. */
const required = (process.env.SLUICE_REQUIRE ?? '').split(',').includes('valkey');

/** Whether tests of the counters can run here. Says so if they skip. */
export function valkeyIsHere(): boolean {
  if (program !== undefined) return true;
  const message = 'No valkey-server or redis-server is here: the tests of counters on Valkey skip';
  if (required) throw new Error(message);
  process.stderr.write(`${message}\n`);
  return false;
}

export interface ValkeyServer {
  /** A Unix socket, so that no port is taken between its choice and its use. */
  socket: string;
  admin: Redis;
  /** Ends it without a word to its clients. */
  kill(): Promise<void>;
  /** Starts it again, empty. */
  start(): Promise<void>;
  /** Stops and continues the process: connections stay open, nothing answers. */
  freeze(): Promise<void>;
  thaw(): void;
  close(): Promise<void>;
}

export interface ServerOptions {
  /** Lines of its configuration, as `requirepass secret`. */
  settings?: readonly string[];
  password?: string;
  /** A cluster of one, which owns all slots: it refuses keys of two slots in a call. It is ready 2 s after a restart. */
  cluster?: boolean;
}

/** Starts a server that keeps nothing on disk. */
export async function startValkey({
  settings = [],
  password,
  cluster = false,
}: ServerOptions = {}): Promise<ValkeyServer> {
  if (program === undefined) throw new Error('ask valkeyIsHere first');
  const folder = mkdtempSync(join(tmpdir(), 'sluice-valkey-'));
  const socket = join(folder, 'server.sock');
  const file = join(folder, 'server.conf');
  let child: ChildProcess | undefined;
  const admin = new Redis({
    path: socket,
    ...(password === undefined ? {} : { password }),
    lazyConnect: true,
    retryStrategy: () => null,
  });
  admin.on('error', () => undefined);

  const isUp = async () => {
    try {
      if (admin.status !== 'ready') await admin.connect();
      return (await admin.ping()) === 'PONG';
    } catch {
      return false;
    }
  };
  const start = async () => {
    const lines = [
      'port 0',
      `unixsocket ${socket}`,
      `dir ${folder}`,
      'save ""',
      'bind 127.0.0.1',
      ...(cluster ? ['cluster-enabled yes', `cluster-port ${await freePort()}`] : []),
      ...settings,
    ];
    writeFileSync(file, lines.join('\n'));
    const started = spawn(program, [file], { stdio: 'ignore' });
    child = started;
    // A run that is ended leaves none behind.
    process.once('exit', () => started.kill('SIGKILL'));
    const isLate = waiting(20_000);
    while (!(await isUp())) {
      if (isLate() || child.exitCode !== null) throw new Error(`${program} does not answer`);
      await sleep(10);
    }
    if (!cluster) return;
    if (!(await admin.cluster('INFO')).includes('cluster_slots_assigned:16384'))
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
    while (!(await admin.cluster('INFO')).includes('cluster_state:ok')) {
      if (isLate()) throw new Error('the cluster has no slots');
      await sleep(10);
    }
  };
  const kill = async () => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await ended;
  };

  await start();
  return {
    socket,
    admin,
    kill,
    start,
    freeze: () => freeze(child?.pid),
    thaw: () => child?.kill('SIGCONT'),
    async close() {
      admin.disconnect();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
