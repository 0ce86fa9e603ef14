import { join } from 'node:path';
import { migrate } from '../../lambda/migrate/migrate.ts';
import { readMigrations } from '../../lambda/migrate/migrations.ts';
import type { Database } from '../../lambda/postgres/connection/connection.ts';
import { openOnDemand } from '../../lambda/postgres/connection/on-demand.ts';
import type { Log } from '../../lambda/runtime/logger.ts';
import { roleShares } from '../../lib/config/budget.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { startPostgres } from '../../local/postgres/server.ts';

const silent = () => undefined;
const log: Log = {
  debug: silent,
  info: silent,
  warn: silent,
  error: silent,
  remember: silent,
  forget: silent,
};

/** A new migrated Postgres, and connections with the roles of the functions; `database` is the sweep's. */
export async function openDatabase(folder: string): Promise<{
  address: { host: string; port: number; user: string; password: string; database: string };
  /** Of the server. */
  pid: number;
  database: Database;
  as(role: string): Database;
  close(): Promise<void>;
}> {
  const server = await startPostgres({ directory: join(folder, 'postgres'), maxConnections: 20 });
  const { host, port, user, password, database } = server;
  const enter = (as: string, secret: string) =>
    openOnDemand({
      environment: {
        DATABASE_HOST: host,
        DATABASE_PORT: port,
        DATABASE_NAME: database,
        DATABASE_USER: as,
        DATABASE_AUTH: 'password',
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
      },
      password: async () => secret,
      applicationName: 'sluice-bench',
    });
  const owner = enter(user, password);
  await migrate(
    owner,
    {
      migrations: readMigrations(join(import.meta.dirname, '../../migrations')),
      login: { by: 'password', password: 'bench' },
      roles: roleShares(resolveConfig({ presets: { small: { width: 320 } } })),
      pooled: false,
    },
    log,
  );
  await owner.close();
  const sweep = enter('sluice_sweep', 'bench');
  return {
    address: { host, port, user, password, database },
    pid: server.pid,
    database: sweep,
    as: (role) => enter(role, 'bench'),
    async close() {
      await sweep.close();
      await server.stop();
    },
  };
}
