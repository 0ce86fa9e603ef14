import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { guard } from './guardian.ts';
import { LocalStackProblem } from './localstack.ts';
import type { SessionPostgres } from './postgres.ts';
import { runProgram } from './program.ts';

/** The major version of the other tests' server. */
const image = 'postgres:18';
const startMs = 120_000;

/**
 * A Postgres in a Docker network, for functions that are containers there: they reach it by its name, this machine by a
 * published port. Like docker.ts it has never been run: the development machines have no Docker.
 * @throws LocalStackProblem
 */
export async function startPostgresByDocker(
  network: string,
  { maxConnections, onProgress }: { maxConnections: number; onProgress(line: string): void },
): Promise<SessionPostgres> {
  const name = `${network}-postgres`;
  const password = randomBytes(24).toString('base64url');
  onProgress(`Docker: starting ${image}`);
  const place = ['--name', name, '--network', network, '--publish', '127.0.0.1::5432'];
  const server = ['-c', `max_connections=${maxConnections}`, '-c', 'fsync=off'];
  const end = ['docker', 'rm', '--force', name];
  const release = guard({ commands: [end], postgres: [], folders: [] });
  const { code, err } = await runProgram(
    'docker',
    ['run', '--detach', '--rm', ...place, '-e', 'POSTGRES_PASSWORD', image, ...server],
    { environment: { ...process.env, POSTGRES_PASSWORD: password }, onLine: onProgress },
  );
  if (code !== 0) throw new LocalStackProblem(`docker run ${image} failed:\n${err.slice(-4_000)}`);
  const deadline = Date.now() + startMs;
  // By TCP: while it initialises, the server listens on a socket only.
  const ask = ['exec', name, 'pg_isready', '--host', '127.0.0.1'];
  while ((await runProgram('docker', ask)).code !== 0) {
    if (Date.now() > deadline) {
      await runProgram('docker', end.slice(1));
      throw new LocalStackProblem(`${image} was not ready after ${startMs / 1000} s.`);
    }
    await pause(250);
  }
  const { out } = await runProgram('docker', ['port', name, '5432/tcp']);
  const port = Number(out.trim().split(':').at(-1));
  const login = { user: 'postgres', password, database: 'postgres' };
  return {
    forUs: { host: '127.0.0.1', port, ...login },
    forFunctions: { host: name, port: 5432, ...login },
    ended: new Promise(() => undefined),
    async stop() {
      await runProgram('docker', end.slice(1));
      release();
    },
  };
}
