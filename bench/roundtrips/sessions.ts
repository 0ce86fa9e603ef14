import { readFileSync } from 'node:fs';
import pg from 'pg';
import type { Database } from '../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../lambda/postgres/connection/on-demand.ts';
import type { Distance } from '../distance/distance.ts';

export interface Address {
  host: string;
  user: string;
  password: string;
  database: string;
}

/**
 * The database as the worker opens it, through the proxy.
 * @param lingerMs until an idle connection is closed, instead of the worker's own
 * @param prepared `unnamed` as behind a pooler
 */
export function openWorkersDatabase(
  { host, database }: Address,
  { port }: Distance,
  { lingerMs, prepared = 'named' }: { lingerMs?: number; prepared?: 'named' | 'unnamed' } = {},
): Database {
  return openOnDemand({
    ...(lingerMs === undefined ? {} : { lingerMs }),
    environment: {
      DATABASE_HOST: host,
      DATABASE_PORT: port,
      DATABASE_NAME: database,
      DATABASE_USER: 'sluice_process',
      DATABASE_AUTH: 'password',
      DATABASE_TLS: 'off',
      DATABASE_PREPARED_STATEMENTS: prepared,
    },
    password: async () => 'bench',
    applicationName: 'sluice-bench',
  });
}

/** A session that stays open, through the proxy. */
export interface Session {
  client: pg.Client;
  /** Milliseconds of CPU that its backend has used. */
  cpuMs(): number;
  /** The same of all backends of the server that have ended. */
  endedMs(): number;
}

export async function openSession(address: Address, { port }: Distance): Promise<Session> {
  const client = new pg.Client({ ...address, port });
  // The server is stopped at the end.
  client.on('error', () => undefined);
  await client.connect();
  const pid = await backendOf(client);
  const postmaster = Number(statOf(pid)[1]);
  return {
    client,
    cpuMs: () => backendMs(pid),
    // cutime and cstime, in ticks of 10 ms.
    endedMs: () => 10 * (Number(statOf(postmaster)[13]) + Number(statOf(postmaster)[14])),
  };
}

/** The backend of a session. */
export async function backendOf(session: {
  query(text: string): Promise<{ rows: unknown[] }>;
}): Promise<number> {
  const { rows } = await session.query('select pg_backend_pid() as pid');
  return (rows as { pid: number }[])[0]?.pid ?? 0;
}

/** Milliseconds of CPU that a backend has used, from Linux. */
export function backendMs(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
}

/** Fields of a process's stat after its name; the first is its state, the second its parent. */
function statOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
}
