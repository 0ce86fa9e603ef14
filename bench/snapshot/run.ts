import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { connect } from '../../lambda/postgres/connection/connection.ts';
import { exportRecords } from '../../lambda/postgres/exports/records.ts';
import { beginSnapshot, endSnapshot } from '../../lambda/postgres/exports/snapshot.ts';
import { type BenchDatabase, fillDatabase, tenant } from '../export/database.ts';
import { selection } from '../export/ways.ts';
import { aligned } from '../table.ts';

/*
 * npm run bench -- snapshot [--rows 200000] [--seconds 120] [--rate 500] [--write]
 *
 * What an export keeps VACUUM from removing: a reader of 200 kB/s reads for two minutes while images are updated 500 times a
 * second and the table is vacuumed every ten seconds, once with a snapshot a page and once with one for all.
 */

const readerRate = 200_000;
const vacuumEveryMs = 10_000;

interface Pinned {
  updates: number;
  /** Dead rows that were left after a vacuum, at most, and after the last one. */
  deadMost: number;
  deadLast: number;
  /** Age of the export's snapshot, at most, in seconds. */
  oldest: number;
  sizeGrowth: number;
}

export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({
    args,
    options: {
      rows: { type: 'string', default: '200000' },
      seconds: { type: 'string', default: '120' },
      rate: { type: 'string', default: '500' },
      write: { type: 'boolean', default: false },
    },
  });
  const database = await fillDatabase(Number(values.rows), say);
  try {
    const options = { seconds: Number(values.seconds), rate: Number(values.rate) };
    const results: [string, Pinned][] = [];
    for (const snapshot of ['pages', 'consistent'] as const)
      results.push([snapshot, await pinned(database, snapshot, options)]);
    const table = aligned([
      ['snapshot', 'updates', 'oldest snapshot s', 'dead rows left, at most', 'at the end', 'table grew MB'],
      ...results.map(([name, one]) => [
        `\`${name}\``,
        String(one.updates),
        one.oldest.toFixed(1),
        String(one.deadMost),
        String(one.deadLast),
        (one.sizeGrowth / 1e6).toFixed(1),
      ]),
    ]);
    for (const line of table) say(line);
    const about = `An export of ${values.seconds} s by a reader of 200 kB/s under up to ${values.rate} updates a second, vacuumed every 10 s.`;
    if (values.write)
      writeFileSync(
        join(import.meta.dirname, 'result.md'),
        `# Row versions that an export keeps\n\n\`npm run bench -- snapshot --write\`. ${about}\n\n${table.join('\n')}\n`,
      );
    const [pages, consistent] = results.map(([, one]) => one);
    return (pages?.oldest ?? 0) < 10 && (pages?.deadMost ?? 0) < (consistent?.deadMost ?? 0) / 2;
  } finally {
    await database.stop();
  }
}

async function pinned(
  { server, admin: address }: BenchDatabase,
  snapshot: 'pages' | 'consistent',
  { seconds, rate }: { seconds: number; rate: number },
): Promise<Pinned> {
  const [admin, writer] = [new pg.Client(address), new pg.Client(address)];
  await Promise.all([admin.connect(), writer.connect()]);
  await writer.query('set session_replication_role = replica');
  await admin.query('alter table image set (autovacuum_enabled = off)');
  await admin.query('vacuum image');
  const { rows: ids } = await admin.query<{ id: string }>(
    'select id from image order by random() limit 20000',
  );
  const size = async () =>
    Number((await admin.query("select pg_total_relation_size('image') as size")).rows[0].size);
  const sizeBefore = await size();
  const ends = performance.now() + seconds * 1000;
  const result: Pinned = { updates: 0, deadMost: 0, deadLast: 0, oldest: 0, sizeGrowth: 0 };

  async function update(): Promise<void> {
    const started = performance.now();
    while (performance.now() < ends) {
      const { id } = ids[result.updates % ids.length] as { id: string };
      await writer.query({
        name: 'u',
        text: 'update image set updated_at = now() where id = $1',
        values: [id],
      });
      result.updates += 1;
      const early = (1000 * result.updates) / rate - (performance.now() - started);
      if (early > 2) await pause(early);
    }
  }

  async function vacuum(): Promise<void> {
    let next = performance.now() + vacuumEveryMs;
    while (performance.now() < ends) {
      await pause(200);
      const { rows } = await admin.query(
        `select coalesce(extract(epoch from max(now() - xact_start)), 0)::float8 as age from pg_stat_activity
         where application_name = 'bench export' and backend_xmin is not null`,
      );
      result.oldest = Math.max(result.oldest, rows[0].age);
      if (performance.now() < next) continue;
      next += vacuumEveryMs;
      await admin.query('vacuum image');
      await admin.query('select pg_stat_force_next_flush(), pg_stat_clear_snapshot()');
      const stat = await admin.query(
        "select n_dead_tup as dead from pg_stat_user_tables where relname = 'image'",
      );
      result.deadLast = Number(stat.rows[0].dead);
      result.deadMost = Math.max(result.deadMost, result.deadLast);
    }
  }

  async function read(): Promise<void> {
    const connection = await connect({
      environment: {
        DATABASE_HOST: server.host,
        DATABASE_PORT: server.port,
        DATABASE_NAME: server.database,
        DATABASE_USER: server.user,
        DATABASE_AUTH: 'password',
        DATABASE_PASSWORD: server.password,
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
      },
      password: async () => server.password,
      applicationName: 'bench export',
    });
    if (snapshot === 'consistent') await beginSnapshot(connection);
    const started = performance.now();
    let bytes = 0;
    const records = exportRecords(
      connection,
      { tenant, selection },
      { onPage: () => performance.now() < ends },
    );
    for await (const chunk of records) {
      bytes += chunk.length;
      const early = (1000 * bytes) / readerRate - (performance.now() - started);
      if (early > 0) await pause(early);
      if (performance.now() > ends) break;
    }
    if (connection.usable && snapshot === 'consistent') await endSnapshot(connection);
    await connection.close();
  }

  await Promise.all([update(), vacuum(), read()]);
  result.sizeGrowth = (await size()) - sizeBefore;
  await Promise.all([admin.end(), writer.end()]);
  return result;
}
