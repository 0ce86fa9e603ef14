import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabasePressure } from '../../../lambda/process/database-pressure.ts';
import { type RunningPostgres, startPostgres } from '../../../local/postgres/server.ts';
import { patience } from '../../support/pace.ts';
import { smallPhoto } from '../../support/pictures.ts';
import { freePort } from '../../support/ports.ts';
import { readImage } from '../postgres/rows.ts';
import { openTestWorker, type TestWorker } from './test-worker.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-stopped-'));
// A port that nothing else takes while the server is away.
const settings = { directory, port: await freePort(), maxConnections: 30, durable: false };
let server: RunningPostgres;
let worker: TestWorker;
beforeAll(async () => {
  server = await startPostgres(settings);
  worker = await openTestWorker(server);
  // Its session ends with the server.
  worker.db.admin.on('error', () => undefined);
});
afterAll(async () => {
  // Its database goes with the server.
  await worker.close().catch(() => undefined);
  await server.stop();
  rmSync(directory, { recursive: true, force: true });
});

it('a batch that meets a stopped Postgres is processed when Postgres is back, by the same receive', async () => {
  const photo = await smallPhoto(1);
  const ids = [await worker.upload(photo), await worker.upload(photo), await worker.upload(photo)];
  for (const id of ids) await worker.sendJob(id);
  const records = await worker.receive();
  await server.stop();

  const end = Date.now() + patience(60_000);
  const delivery = worker.deliver(records, {
    pressure: openDatabasePressure(),
    remaining: () => end - Date.now(),
  });
  const named = (name: string) => worker.recorded.filter((metric) => metric.name === name);
  await expect.poll(() => named('BreakerOpen')).toHaveLength(1);
  // Two probes at least have found it stopped.
  const probes = () =>
    worker.log.lines.filter(({ message }) => message === 'The database is still unavailable');
  await expect.poll(() => probes().length).toBeGreaterThan(1);
  server = await startPostgres(settings);

  expect(await delivery).toEqual([]);
  expect(worker.hidden()).toEqual([]);
  const admin = new pg.Client({ ...worker.db.address, database: worker.db.address.name });
  await admin.connect();
  for (const id of ids) expect(await readImage(admin, id)).toMatchObject({ status: 'ready', attempt: 1 });
  await admin.end();
  // It recovered with half of its concurrency, and one opening of the breaker was one outage.
  expect(named('BreakerOpen')).toHaveLength(1);
  expect(named('DatabaseUnavailable')).toHaveLength(1);
});

it('a batch for which Postgres does not come back in time returns within seconds, and nothing is counted', async () => {
  await worker.sendJob('0190a0b0-0000-7000-8000-000000000000');
  const records = await worker.receive();
  await server.stop();
  const end = Date.now() + 8_000;
  const failed = await worker.deliver(records, {
    pressure: openDatabasePressure(),
    remaining: () => end - Date.now(),
  });
  expect(failed).toHaveLength(1);
  for (const seconds of worker.hidden()) expect(seconds).toBeLessThanOrEqual(5);
  server = await startPostgres(settings);
});
