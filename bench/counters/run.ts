import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import type { QuotaStore } from '../../lambda/domain/quota-store.ts';
import { keepOpen } from '../../lambda/postgres/connection/persistent-connection.ts';
import { postgresQuotas } from '../../lambda/postgres/quotas/lease.ts';
import { postgresRecords } from '../../lambda/postgres/quotas/records.ts';
import { openValkey } from '../../lambda/valkey/connection.ts';
import { valkeyQuotas } from '../../lambda/valkey/quotas.ts';
import { openDatabase } from '../sweep/open-database.ts';
import { aligned, median } from '../table.ts';
import { type LoadName, loads, measure, type Seen } from './measure.ts';
import { startServer } from './server.ts';

/** As many environments of the API, each with a connection. */
const environments = 12;
const stores = ['Postgres', 'Valkey'] as const;
/** The promise: a lease takes so many times less of the database than one in Postgres. */
const leastRelief = 10;

/**
 * Measures leases in Postgres and in Valkey or Redis, in turns. `--quick` does less and records nothing.
 * @returns whether the promise holds
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  const [rounds, ms] = values.quick ? [1, 500] : [3, 1_500];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-counters-'));
  const database = await openDatabase(folder);
  const server = await startServer(folder);
  const admin = new pg.Client(database.address);
  await admin.connect();
  const { host, port, database: name } = database.address;
  const sessions = Array.from({ length: environments }, () =>
    keepOpen({
      environment: {
        DATABASE_HOST: host,
        DATABASE_PORT: port,
        DATABASE_NAME: name,
        DATABASE_USER: 'sluice_api',
        DATABASE_AUTH: 'password',
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
      },
      password: async () => 'bench',
      applicationName: 'sluice-bench',
      trustMs: 60_000,
    }),
  );
  const connections = sessions.map(() =>
    openValkey({ host: server.socket, port: 0, tls: 'off', callTimeoutMs: 5_000 }),
  );
  try {
    await admin.query(`insert into tenant (id) select 'tenant-' || n from generate_series(0, 999) n`);
    const clients: Record<(typeof stores)[number], QuotaStore[]> = {
      Postgres: sessions.map((session) => postgresQuotas(session)),
      Valkey: connections.map((connection, at) =>
        valkeyQuotas({
          connection,
          records: postgresRecords(sessions[at] as (typeof sessions)[number]),
          onUnsaved: (error) => say(String(error)),
        }),
      ),
    };
    const seen = new Map<string, Seen[]>();
    for (let round = 0; round < rounds; round += 1)
      for (const [load, terms] of Object.entries(loads) as [LoadName, (typeof loads)[LoadName]][])
        for (const store of stores) {
          const of = { postgres: database.pid, valkey: server.pid };
          // Rows and counters of all tenants exist before they are measured.
          await measure(clients[store], terms, { ...of, ms: ms / 5 });
          const one = await measure(clients[store], terms, { ...of, ms });
          const key = `${load}, ${store}`;
          seen.set(key, [...(seen.get(key) ?? []), one]);
          say(`Round ${round + 1} of ${rounds}, ${key}: ${one.leasesPerSecond} a second`);
        }
    const middle = (key: string, of: keyof Seen) => median((seen.get(key) ?? []).map((one) => one[of]));
    const lines = aligned([
      ['leases', 'a second', 'p50 ms', 'p99 ms', 'Postgres, µs', 'Valkey, µs'],
      ...[...seen.keys()].map((key) => [
        key,
        ...(['leasesPerSecond', 'p50Ms', 'p99Ms', 'postgresUs', 'valkeyUs'] as const).map((of) =>
          String(middle(key, of)),
        ),
      ]),
    ]);
    say(lines.join('\n'));
    const hot = (store: string) => middle(`requests of one tenant, ${store}`, 'postgresUs');
    const [inPostgres, beside] = [hot('Postgres'), hot('Valkey')];
    say(
      `A lease of a busy tenant takes ${beside} µs of Postgres with Valkey, ${inPostgres} without; must be a ${leastRelief}th.`,
    );
    if (!values.quick)
      writeFileSync(join(import.meta.dirname, 'result.md'), page(lines, { rounds, seconds: ms / 1_000 }));
    return beside * leastRelief <= inPostgres;
  } finally {
    for (const connection of connections) connection.close();
    await Promise.all(sessions.map((session) => session.close()));
    await admin.end();
    await Promise.all([database.close(), server.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function page(lines: string[], { rounds, seconds }: { rounds: number; seconds: number }): string {
  return [
    '# Counters of quotas in Postgres and in Valkey',
    '',
    `Leases by ${environments} environments at once without a pause, in turns, medians of ${rounds} rounds of ${seconds} s; a durable Postgres, a Redis server without disk. CPU is that of the servers for a lease, in microseconds; that of Postgres beside Valkey is for saving the counters. ${cpus()[0]?.model ?? ''}, ${cpus().length} cores for clients and servers, with a load average of ${loadavg()[0]?.toFixed(0)}, Node ${process.version}.`,
    '',
    ...lines,
    '',
    'To repeat: `npm run bench -- counters`; faster, without recording: `npm run bench -- counters --quick`.',
    '',
  ].join('\n');
}
