import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { readMigrations } from '../../lambda/migrate/migrations.ts';
import { textsOf } from '../../lambda/migrate/outside.ts';
import { planning } from '../../lambda/postgres/connection/role-limits.ts';
import { roleUses } from '../../lib/catalogue/select.ts';
import { type RunningPostgres, startPostgres } from '../../local/postgres/server.ts';

export const tenant = 'bench';
/** SHA-256 of the tenant's key is that of its name. */
const statuses = `case when n % 1000 < 20 then 'rejected' when n % 1000 < 25 then 'failed' when n % 1000 < 30 then 'expired' else 'ready' end`;

/** Images of one tenant as they are after a year: with metadata, some rejected, with an index built as by inserts. */
const images = `
  insert into image (id, tenant_id, status, declared_type, declared_bytes, content_type, bytes, width, height, frames, presets,
    metadata, attempt, ticket_expires_at, enqueued_at, error_code, error_detail, created_at, updated_at, replaces)
  select uuidv7(-age), '${tenant}', ${statuses}, 'image/jpeg', 2481077 + n % 1000, 'image/jpeg', 2481077 + n % 1000, 4000, 3000, 1,
    '{large,medium,small}', jsonb_build_object('album', 'Summer ' || n % 200, 'sku', 'A-' || n), 1, now() - age, now() - age,
    case when n % 1000 < 25 then 'corrupt_image' end, case when n % 1000 < 25 then 'The image is damaged.' end,
    now() - age, now() - age, case when n % 5 = 0 then 'product/' || n % 5000 end
  from (select n, make_interval(secs => 31536000 * ($1::int - n)::float8 / $1::int) as age from generate_series(1, $1::int) n) s`;

export interface BenchDatabase {
  /** As the role of the export. */
  server: RunningPostgres;
  /** As the superuser. */
  admin: RunningPostgres;
  stop(): Promise<void>;
}

/** A Postgres with `count` images of one tenant. */
export async function fillDatabase(count: number, say: (line: string) => void): Promise<BenchDatabase> {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-export-'));
  const server = await startPostgres({ directory, maxConnections: 40, durable: false });
  const client = new pg.Client(server);
  await client.connect();
  const migrations = readMigrations(join(import.meta.dirname, '../../migrations'));
  for (const { role } of roleUses()) {
    await client.query(`create role ${role} login password 'bench'`);
    for (const [name, value] of Object.entries(planning))
      await client.query(`alter role ${role} set ${name} = '${value}'`);
  }
  for (const statement of migrations.flatMap(textsOf)) await client.query(statement);
  await client.query('set session_replication_role = replica');
  await client.query(`insert into tenant (id) values ('${tenant}')`);
  await client.query(`insert into api_key (sha256, tenant_id) values (sha256('${tenant}'), '${tenant}')`);
  const started = performance.now();
  await client.query(images, [count]);
  await client.query('vacuum (analyze)');
  say(`${count} images after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  await client.end();
  return {
    // That role has the planner's settings that the function has.
    server: { ...server, user: 'sluice_export', password: 'bench' },
    admin: server,
    async stop() {
      await server.stop();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
