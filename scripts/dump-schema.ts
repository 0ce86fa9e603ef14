import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../lambda/migrate/migrate.ts';
import { readMigrations } from '../lambda/migrate/migrations.ts';
import { openOnDemand } from '../lambda/postgres/connection/on-demand.ts';
import { describeSchema } from '../lambda/postgres/schema/describe-schema.ts';
import type { Log } from '../lambda/runtime/logger.ts';
import { roleShares } from '../lib/config/budget.ts';
import { resolveConfig } from '../lib/config/resolve.ts';
import { startPostgres } from '../local/postgres/server.ts';

/* `npm run migrate:dump`: applies the migrations to an empty database and writes the schema to migrations/schema.sql. */

const folder = join(import.meta.dirname, '..', 'migrations');
const head = `-- The schema after all migrations. Written by "npm run migrate:dump"; a test compares it. Do not edit.\n\n`;
const say = (line: string) => console.log(line);
const log: Log = {
  debug: () => {},
  info: (message, fields) => say(`${message}: ${String(fields?.migration ?? '')}`),
  warn: say,
  error: say,
  remember: () => {},
  forget: () => {},
};

const directory = mkdtempSync(join(tmpdir(), 'sluice-schema-'));
try {
  const server = await startPostgres({ directory, maxConnections: 20, durable: false, onProgress: say });
  try {
    const database = openOnDemand({
      environment: {
        DATABASE_HOST: server.host,
        DATABASE_PORT: server.port,
        DATABASE_NAME: server.database,
        DATABASE_USER: server.user,
        DATABASE_AUTH: 'password',
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
      },
      password: async () => server.password,
      applicationName: 'sluice-dump-schema',
    });
    const roles = roleShares(resolveConfig({ presets: { small: { width: 320 } } }));
    const login = { by: 'password', password: 'of no use' } as const;
    await migrate(database, { migrations: readMigrations(folder), login, roles, pooled: false }, log);
    writeFileSync(join(folder, 'schema.sql'), head + (await database.run(describeSchema)));
    say('Wrote migrations/schema.sql');
  } finally {
    await server.stop();
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
