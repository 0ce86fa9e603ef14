import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningPostgres, startPostgres } from '../postgres/server.ts';
import { guard } from './guardian.ts';

/** Where a Postgres is and how its superuser logs in. */
export type Login = Pick<RunningPostgres, 'host' | 'port' | 'user' | 'password' | 'database'>;

/** A Postgres for the time of a session. The functions may have another way to it than this process. */
export interface SessionPostgres {
  forUs: Login;
  forFunctions: Login;
  /** Resolves when it has ended by itself. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** The real server of npm, fresh and on 127.0.0.1, where functions that are processes of this machine reach it. */
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
    // No durability: the images' objects go with LocalStack, so nobody wants the rows again.
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
