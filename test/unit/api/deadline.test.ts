import { once } from 'node:events';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ApiParts } from '../../../lambda/api/http/endpoint.ts';
import { rememberOutages } from '../../../lambda/api/outage.ts';
import { withinInvocation } from '../../../lambda/api/within.ts';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import type { Database } from '../../../lambda/postgres/connection/connection.ts';
import { patience } from '../../support/pace.ts';
import { layWire } from '../postgres/wire.ts';
import { apiEvent } from './events.ts';
import { expectProblem, expectRetryAfter } from './problems.ts';
import { decode, openDatabase, openTestApi, type TestApi } from './test-api.ts';

let testApi: TestApi;
beforeAll(async () => {
  testApi = await openTestApi();
});
afterAll(() => testApi.close());

/** The remaining time of an invocation by Lambda's clock; silent services stay silent for minutes. */
function invocation(ms: number): () => number {
  const end = Date.now() + ms;
  return () => end - Date.now();
}
/** A port that accepts connections and never responds. */
async function silentPort(): Promise<number> {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as { port: number }).port;
}

it('calls to the bucket end 2.5 s before the invocation and the database’s half a second; with little time, a fraction', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const waits = (seconds: number) => {
    const ends: Record<string, number> = {};
    const began = Date.now();
    const until = (name: string) => (_: unknown, signal?: AbortSignal) => {
      signal?.addEventListener('abort', () => {
        ends[name] = Date.now() - began;
      });
      return new Promise<never>(() => undefined);
    };
    const bucket = { headOriginal: until('head'), putOriginal: until('put') };
    const run = ((work, options) => until('database')(work, options?.signal)) as Database['run'];
    const parts = { bucket, queue: { sendJobs: until('queue') }, database: { run, transaction: run } };
    const within = withinInvocation(parts as unknown as ApiParts, () => began + seconds * 1000 - Date.now());
    void within.parts.bucket.headOriginal('k');
    void within.parts.bucket.putOriginal({} as never);
    void within.parts.queue.sendJobs([]);
    void within.parts.database.run(async () => undefined);
    vi.advanceTimersByTime(seconds * 1000);
    within.close();
    return ends;
  };
  expect(waits(15)).toEqual({ head: 12_500, put: 12_500, queue: 12_500, database: 14_500 });
  expect(waits(2)).toEqual({ head: 1_500, put: 1_500, queue: 1_500, database: 1_800 });
});

describe('the API responds before the function times out', () => {
  it('a silent S3 returns a response in time; the row is removed and the key is free', async () => {
    const endpoint = `http://127.0.0.1:${await silentPort()}`;
    const client = storageClient({ endpoint, maxAttempts: 9, answerMs: 600_000 });
    onTestFinished(() => client.destroy());
    const api = testApi.environment({ bucket: openBucket({ bucketName: 'pictures', client }) });
    const headers = { 'Content-Type': 'image/png', 'Idempotency-Key': 'silent' };
    const event = apiEvent('POST', '/v1/images', { key: testApi.keys.acme, headers, body: Buffer.from('x') });
    // The row is removed between 75 % of the time and half a second before its end. Of 2 s that left 0.3 s, too few on a
    // busy machine; 10 s leave the most, 2 s.
    const response = decode(await api.handle(event, invocation(Math.min(patience(6_000), 10_000))));
    expectProblem(response, 503, 'storage_unavailable');
    expectRetryAfter(response, 1, 60);
    expect(await testApi.sql('select 1 from image where deleted_at is null')).toEqual([]);
    expect(await testApi.sql('select 1 from idempotency_key')).toEqual([]);
  });

  it('a silent database returns a response in time', async () => {
    const database = openDatabase(
      { ...testApi.database, port: await silentPort() },
      { connectTimeoutMs: 600_000 },
    );
    const api = testApi.environment({ database });
    const event = apiEvent('GET', '/v1/images', { key: testApi.keys.acme });
    const response = decode(await api.handle(event, invocation(2_000)));
    expectProblem(response, 503, 'database_unavailable');
  });
});

it('a statement timeout is reported as slow, not as an outage', async () => {
  const api = testApi.environment({
    database: openDatabase(testApi.database, { statementTimeoutMs: patience(1_000) }),
  });
  expect((await api.call('GET', '/v1/images')).status).toBe(200);
  const { host, port, user, password, name } = testApi.database;
  const other = new pg.Client({ host, port, user, password, database: name });
  await other.connect();
  await other.query('begin; lock table image');
  const response = await api.call('GET', '/v1/images');
  await other.end();
  expectProblem(response, 503, 'database_slow');
  expectRetryAfter(response, 1, 60);
  expect((await api.call('GET', '/v1/images')).status).toBe(200);
});

describe('a silent database', () => {
  it('a silent database costs an environment one connect in five seconds, and other requests nothing', async () => {
    const wire = await layWire(testApi.database);
    onTestFinished(() => wire.close());
    wire.silenceNew();
    let now = 0;
    let tried = 0;
    const silent = openDatabase({ ...testApi.database, port: wire.port }, { connectTimeoutMs: 50 });
    const counted: Database = {
      ...silent,
      run: (work, options) => {
        tried += 1;
        // By the test's clock it took as long as the API waits.
        return silent.run(work, options).finally(() => {
          now += 3_000;
        });
      },
    };
    const api = testApi.environment({ database: rememberOutages(counted, () => now) });
    for (let n = 0; n < 20; n++)
      expectProblem(await api.call('GET', '/v1/images'), 503, 'database_unavailable');
    expect(tried).toBe(1);
    expect((await api.call('GET', '/health')).status).toBe(200);
    now += 5_000;
    expectProblem(await api.call('GET', '/v1/images'), 503, 'database_unavailable');
    expect(tried).toBe(2);
  });

  it('the database is tried again after an immediate refusal and after any error that is no outage', async () => {
    let now = 1_000_000;
    const failures = [
      { failure: new TransientFailure('database_unavailable', 'refused'), ms: 5 },
      { failure: new TransientFailure('statement_timeout', 'slow'), ms: 5_000 },
      { failure: new Error('a mistake'), ms: 5_000 },
    ];
    for (const { failure, ms } of failures) {
      let tried = 0;
      const work = async () => {
        tried += 1;
        now += ms;
        throw failure;
      };
      const database = rememberOutages(
        { run: work, transaction: work, close: async () => undefined },
        () => now,
      );
      for (let n = 0; n < 3; n++) await expect(database.run(async () => undefined)).rejects.toBe(failure);
      expect(tried, failure.message).toBe(3);
    }
  });
});
