import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import pg from 'pg';
import { openBucket } from '../../lambda/aws/bucket.ts';
import { storageClient } from '../../lambda/aws/storage-client.ts';
import { silentMetrics } from '../../lambda/runtime/metrics.ts';
import { deletedImages } from '../../lambda/sweep/deleted-images.ts';
import type { Dependencies } from '../../lambda/sweep/dependencies.ts';
import { expiredKeys } from '../../lambda/sweep/expired-keys.ts';
import type { Duty } from '../../lambda/sweep/turns.ts';
import { unusedTickets } from '../../lambda/sweep/unused-tickets.ts';
import { aligned, round } from '../table.ts';
import { makeFlood } from './flood.ts';
import { openDatabase } from './open-database.ts';

/** The promise: a minute of a flood, 50,000 of each kind, takes less than a minute of one processor in total. */
const perMinute = 50_000;

interface Rate {
  duty: string;
  rows: number;
  seconds: number;
  /** Of this process: the sweep with its database driver and S3 client. */
  cpuSeconds: number;
}

/**
 * Sweeps a flood and measures each duty, against a real Postgres and the local S3 in separate processes. `--quick` sweeps
 * less and records nothing.
 * @returns whether the promise holds
 */
export async function run(args: string[], say: (line: string) => void): Promise<boolean> {
  const { values } = parseArgs({ args, options: { quick: { type: 'boolean' } } });
  const flood = values.quick
    ? { tickets: 5_000, keys: 20_000, deleted: 200 }
    : { tickets: perMinute, keys: perMinute, deleted: 2_000 };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-sweep-'));
  mkdirSync(join(folder, 'spool'));
  const storage = fork(join(import.meta.dirname, 'storage-process.ts'), [folder]);
  const database = await openDatabase(folder);
  try {
    const [endpoint] = (await once(storage, 'message')) as [string];
    const client = new S3Client({
      endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
      forcePathStyle: true,
    });
    const admin = new pg.Client(database.address);
    await admin.connect();
    say(`Creating ${flood.tickets} tickets, ${flood.keys} keys and ${flood.deleted} deleted images`);
    await makeFlood(admin, client, flood);
    await admin.end();
    const silent = () => undefined;
    const dependencies: Dependencies = {
      database: database.database,
      bucket: openBucket({ bucketName: 'pictures', client: storageClient({ endpoint, signing: client }) }),
      queue: { sendJobs: async () => [], queueDepth: async () => 1 },
      retention: { expiredDays: 1, supersededDays: 1, rejectedDays: 30, failedDays: 30 },
      eventKeepDays: 7,
      deliveryKeepDays: 14,
      exportFiles: { abort: async () => undefined },
      exportDays: 7,
      idempotencySeconds: 86_400,
      completionsPerSweep: 120,
      replacedSeconds: 4_500,
      metrics: silentMetrics,
      log: { debug: silent, info: silent, warn: say, error: say, remember: silent, forget: silent },
    };
    const rates = [
      await drain('tickets expired', unusedTickets(dependencies)),
      await drain('keys forgotten', expiredKeys(dependencies)),
      await drain('deleted images removed', deletedImages(dependencies)),
    ];
    client.destroy();
    const cpu = rates.reduce((sum, { rows, cpuSeconds }) => sum + (cpuSeconds / rows) * perMinute, 0);
    const lines = [
      ...aligned([
        ['duty', 'rows', 'rows/s', 'CPU ms per 1,000', `CPU s per ${perMinute.toLocaleString('en-US')}`],
        ...rates.map(({ duty, rows, seconds, cpuSeconds }) => [
          duty,
          String(rows),
          String(Math.round(rows / seconds)),
          String(round((cpuSeconds * 1e6) / rows, 0)),
          String(round((cpuSeconds / rows) * perMinute, 1)),
        ]),
      ]),
      '',
      `A minute of a flood is ${round(cpu, 1)} s of one processor (${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}).`,
    ];
    say(lines.join('\n'));
    if (!values.quick)
      writeFileSync(
        join(import.meta.dirname, 'result.md'),
        `# What the sweep gets done\n\n${lines.join('\n')}\n`,
      );
    return cpu < 60;
  } finally {
    await database.close();
    storage.disconnect();
    await once(storage, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Repeats a duty until nothing is left. */
async function drain(name: string, duty: Duty): Promise<Rate> {
  const time = { work: new AbortController().signal, record: new AbortController().signal };
  const started = performance.now();
  const before = process.cpuUsage();
  let rows = 0;
  for (let more = true; more; ) {
    const done = await duty(time);
    rows += Object.values(done.counts).reduce((sum, count) => sum + count, 0);
    more = done.more;
  }
  const { user, system } = process.cpuUsage(before);
  return {
    duty: name,
    rows,
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: (user + system) / 1e6,
  };
}
