import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPostgres, startPostgres } from '../postgres/server.ts';
import { guard } from './guardian.ts';

/** Address of a Postgres and login of its superuser. */
export type Login = Pick<RunningPostgres, 'host' | 'port' | 'user' | 'password' | 'database'>;

/** A Postgres for a session. The functions may reach it at another address than this process. */
export interface SessionPostgres {
  forUs: Login;
  forFunctions: Login;
  /** Resolves when its process has ended. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** A new cluster of npm's server on 127.0.0.1, for functions that are processes of this machine. */
export async function startPostgresHere({
  maxConnections,
  onProgress,
}: {
  maxConnections: number;
  onProgress(line: string): void;
}): Promise<SessionPostgres> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-localstack-postgres-'));
  const release = guard({ commands: [], postgres: [join(directory, 'data')], folders: [directory] });
  const remove = () => {
    rmSync(directory, { recursive: true, force: true });
    release();
  };
  try {
    // Without durability: the rows are useless without the objects, which end with LocalStack.
    const { stop, ended, host, port, user, password, database } = await startPostgres({
      maxConnections,
      onProgress,
      directory,
      durable: false,
    });
    const login = { host, port, user, password, database };
    return {
      forUs: login,
      forFunctions: login,
      ended,
      async stop() {
        await stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
