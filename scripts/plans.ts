import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { fill } from '../bench/database/fill.ts';
import { faultLines, measurePlans, planTable } from '../bench/database/plans.ts';
import { describeSize } from '../bench/database/size.ts';
import { migrate } from '../lambda/migrate/migrate.ts';
import { readMigrations } from '../lambda/migrate/migrations.ts';
import { openOnDemand } from '../lambda/postgres/connection/on-demand.ts';
import type { Log } from '../lambda/runtime/logger.ts';
import { roleShares } from '../lib/config/budget.ts';
import { resolveConfig } from '../lib/config/resolve.ts';
import { startPostgres } from '../local/postgres/server.ts';

/*
 * npm run plans -- [--images 10000000] [--directory DIR]: fills a Postgres, runs every statement of lambda/postgres on it
 * and writes their costs to docs/database.md. Exits with 1 if one scans, sorts or looks up too much. 10 million images
 * with their 60 million variants take 25 GB. A given DIR is kept.
 */

const { values } = parseArgs({
  options: { images: { type: 'string', default: '10000000' }, directory: { type: 'string' } },
});
const images = Number(values.images);
if (!Number.isInteger(images) || images < 1_000) {
  console.error('--images must be a whole number of at least 1000');
  process.exit(2);
}
const size = { images, tenants: 1_000, backlog: Math.floor(images / 20), variants: 6 };
const page = join(import.meta.dirname, '../docs/database.md');
const migrations = readMigrations(join(import.meta.dirname, '../migrations'));
/** The last migration that creates tables or columns. The others follow when the tables are full, as in an old database. */
const tables = 29;

const say = (line: string) => console.log(line);
const steps: string[] = [];
const log: Log = {
  debug: () => {},
  info: (message, fields) => {
    steps.push(`\`${String(fields?.migration)}\` ${(Number(fields?.milliseconds) / 1000).toFixed(1)} s`);
    say(`${message}: ${String(fields?.migration)}, ${String(fields?.milliseconds)} ms`);
  },
  warn: say,
  error: say,
  remember: () => {},
  forget: () => {},
};

const directory = values.directory ?? mkdtempSync(join(tmpdir(), 'sluice-plans-'));
try {
  const server = await startPostgres({ directory, maxConnections: 20, durable: false, onProgress: say });
  try {
    const { host, port, user, password, database: name } = server;
    const database = openOnDemand({
      environment: {
        DATABASE_HOST: host,
        DATABASE_PORT: port,
        DATABASE_NAME: name,
        DATABASE_USER: user,
        DATABASE_AUTH: 'password',
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
      },
      password: async () => password,
      applicationName: 'sluice-plans',
      statementTimeoutMs: 3_600_000,
    });
    const terms = {
      login: { by: 'password', password: 'of no use' },
      roles: roleShares(resolveConfig({ presets: { small: { width: 320 } } })),
      pooled: false,
    } as const;
    const client = new pg.Client({ host, port, user, password, database: name });
    // Its own errors reach whoever awaits a statement.
    client.on('error', () => undefined);
    await client.connect();
    await migrate(database, { ...terms, migrations: migrations.slice(0, tables) }, log);
    steps.length = 0;
    await fill(client, size, say);
    await migrate(database, { ...terms, migrations }, log);
    await database.close();
    await client.query('select reconcile_backlog(0)');
    await client.query('vacuum (analyze)');
    const plans = await measurePlans(client, 2);
    const inside = await describeSize(client);
    const lines = [
      ...inside,
      '',
      ...(steps.length === 0 ? [] : [`The migrations of the full tables took: ${steps.join(', ')}.`, '']),
      ...planTable(plans),
    ];
    await client.end();
    const [before, , after] = readFileSync(page, 'utf8').split(/^<!-- plans.*-->\n/m);
    writeFileSync(
      page,
      `${before}<!-- plans: written by npm run plans -->\n\n${lines.join('\n')}\n\n<!-- plans end -->\n${after}`,
    );
    const faults = faultLines(plans);
    for (const line of [...lines, '', ...faults]) say(line);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await server.stop();
  }
} finally {
  if (values.directory === undefined) rmSync(directory, { recursive: true, force: true });
}
