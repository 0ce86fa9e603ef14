import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { fill } from '../database/fill.ts';
import { openDistance } from '../distance/distance.ts';
import { openDatabase } from '../sweep/open-database.ts';
import { measure } from './measure.ts';
import { judge, type Result, resultPage, resultTable } from './result.ts';

const roundTripMs = 1;

/**
 * Measures the database's part of a job at a round trip of a millisecond: 13 single statements a job, the statements of
 * the worker for a batch of ten, and the worker itself, in turns. `--quick` does less and records nothing.
 * @returns whether the promises hold
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  const [rounds, slowRounds] = values.quick ? [6, 0] : [30, 2];
  const folder = mkdtempSync(join(tmpdir(), 'sluice-roundtrips-'));
  const database = await openDatabase(folder);
  const { address } = database;
  const distance = await openDistance(address.port, roundTripMs);
  const admin = new pg.Client(address);
  await admin.connect();
  try {
    const size = { images: 30_000, tenants: 100, backlog: 10_000, variants: 6 };
    await fill(admin, size, () => undefined);
    await admin.query('select reconcile_backlog(0)');
    // The bucket of the worker has no such bytes.
    await admin.query("update image set declared_sha256 = null where status = 'queued'");
    await admin.query('vacuum (analyze) image');
    // Its processes would be counted as the worker's sessions.
    await admin.query('alter system set autovacuum = off');
    await admin.query('select pg_reload_conf()');
    const measured = await measure({ admin, distance, address, rounds, slowRounds }, say);
    const machine = { processor: cpus()[0]?.model ?? 'unknown', node: process.version };
    const result: Result = { rounds, roundTripMs, measured, promises: judge(measured), machine };
    say(resultTable(result));
    if (!values.quick) {
      writeFileSync(join(import.meta.dirname, 'result.json'), `${JSON.stringify(result, null, 2)}\n`);
      writeFileSync(join(import.meta.dirname, 'result.md'), resultPage(result));
    }
    return result.promises.every(({ kept, judged }) => kept || !judged);
  } finally {
    await admin.end();
    distance.close();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
