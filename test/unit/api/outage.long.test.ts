import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type RunningPostgres, startPostgres } from '../../../local/postgres/server.ts';
import { patience } from '../../support/pace.ts';
import { freePort } from '../../support/ports.ts';
import { expectProblem } from './problems.ts';
import { openTestApi } from './test-api.ts';

it('a real Postgres that stops and starts loses no turn, no response and no request', {
  timeout: patience(120_000),
}, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-away-'));
  // A port that nothing else takes while the server is away.
  const settings = { directory, port: await freePort(), maxConnections: 30, durable: true };
  let server: RunningPostgres = await startPostgres(settings);
  const testApi = await openTestApi(server);
  onTestFinished(async () => {
    await testApi.close().catch(() => undefined);
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  });
  const environments = [testApi.environment(), testApi.environment()];
  const post = (key: string, n: number) =>
    (environments[n % 2] as (typeof environments)[0]).call('POST', '/v1/images', {
      body: { contentType: 'image/png', bytes: 10 },
      headers: { 'Idempotency-Key': key },
    });
  const first = await post('before', 0);
  expect([first.status, (await post('before', 1)).status]).toEqual([201, 201]);

  await server.stop();
  const waits: number[] = [];
  for (let n = 0; n < 60; n += 1) {
    const response = await post(n === 0 ? 'before' : `key${n}`, n);
    expectProblem(response, 503, 'database_unavailable');
    waits.push(Number(response.headers['Retry-After']));
  }
  // Each environment at its part of the drain: they do not return together.
  const most = Math.max(...waits.map((one) => waits.filter((other) => other === one).length));
  expect(most).toBeLessThan(30);

  server = await startPostgres(settings);
  const again = await post('before', 0);
  expect([again.status, again.json.id]).toEqual([201, first.json.id]);
  const ids = new Set<string>();
  for (let n = 1; n < 60; n += 1) {
    // In another environment than before.
    const response = await post(`key${n}`, n + 1);
    expect(response.status).toBe(201);
    ids.add(response.json.id);
  }
  expect(ids.size).toBe(59);
});
