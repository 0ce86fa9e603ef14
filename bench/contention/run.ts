import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { startPostgres } from '../../local/postgres/server.ts';
import { type Load, measure, type Seen } from './measure.ts';
import { resultPage } from './page.ts';
import { cellOf, judge, type Result, resultTable, waysFor } from './result.ts';

const writerCounts = [1, 4, 16, 64];
const rowCounts = [1, 10, 100, 1_000];
const roundTripMs = 1;

/**
 * Measures edits that read, decide and write, of the same rows at once: by a version check, under row locks and under one
 * giant lock, in turns, on a durable Postgres. `--quick` does less and records nothing.
 * @returns whether the promises hold
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  const [rounds, roundMs] = values.quick ? [1, 250] : [3, 400];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-contention-'));
  const server = await startPostgres({
    directory: join(folder, 'postgres'),
    maxConnections: Math.max(...writerCounts) + 10,
  });
  const { host, port, user, password, database } = server;
  const sessions = Array.from(
    { length: Math.max(...writerCounts) + 1 },
    () => new pg.Client({ host, port, user, password, database }),
  );
  try {
    await Promise.all(sessions.map((session) => session.connect()));
    const [admin, ...writers] = sessions as [pg.Client, ...pg.Client[]];
    await admin.query(
      'create table document (id int primary key, revision int not null, metadata jsonb not null)',
    );
    const loads = [0, 20].flatMap((thinkMs) =>
      writerCounts.flatMap((count) =>
        rowCounts.flatMap((rows) =>
          waysFor(thinkMs).map((way): Load => ({ way, writers: count, rows, roundTripMs, thinkMs })),
        ),
      ),
    );
    const seen = new Map<Load, Seen[]>(loads.map((load) => [load, []]));
    for (let round = 1; round <= rounds; round++) {
      for (const load of loads) seen.get(load)?.push(await measure(admin, writers, load, roundMs));
      say(`Round ${round} of ${rounds}`);
    }
    const cells = [...seen.values()].map(cellOf);
    const machine = { processor: cpus()[0]?.model ?? 'unknown', node: process.version };
    const result: Result = { rounds, roundMs, cells, promises: judge(cells), machine };
    say(resultTable(result));
    if (!values.quick) {
      writeFileSync(join(import.meta.dirname, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
      writeFileSync(join(import.meta.dirname, 'result.md'), resultPage(result));
    }
    return result.promises.every(({ kept }) => kept);
  } finally {
    await Promise.all(sessions.map((session) => session.end()));
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
