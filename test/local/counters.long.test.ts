import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { patience } from '../support/pace.ts';
import { startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';
import { startValkey, type ValkeyServer, valkeyIsHere } from '../support/valkey/server.ts';

/* The built API of the local runner with a real server of counters, through its front door. */

describe.skipIf(!valkeyIsHere())('the pipeline with counters on Valkey', () => {
  let server: ValkeyServer;
  let pipeline: TestPipeline;
  beforeAll(async () => {
    server = await startValkey();
    pipeline = await startTestPipeline({
      plans: { default: { quotas: { images: { perDay: 5 } } } },
      counters: {
        store: 'valkey',
        connection: { host: server.socket, tls: 'off', login: { auth: 'none' } },
      },
    });
  });
  afterAll(async () => {
    await pipeline?.stop();
    await server?.close();
  });

  const ticket = async () => {
    const response = await fetch(`${pipeline.url}/v1/images`, {
      method: 'POST',
      headers: { authorization: `Bearer ${pipeline.apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ contentType: 'image/jpeg', bytes: 1_000 }),
    });
    const { code } = (await response.json()) as { code?: string };
    const { status, headers } = response;
    return { status, code, limits: headers.get('ratelimit'), retryAfter: headers.get('retry-after') };
  };

  it('counts images there, and saves the count in Postgres', async () => {
    for (const left of [4, 3, 2])
      expect(await ticket()).toMatchObject({ status: 201, limits: expect.stringContaining(`r=${left}`) });
    expect(await server.admin.hget('sluice:{local}:images', 'ofDay')).not.toBe('0');
    const { rows } = await pipeline.sql.query("select of_day from quota_use where resource = 'images'");
    expect(rows).toEqual([{ of_day: 3 }]);
  });

  it('refuses with 503 and Retry-After while the server is away, also after the API was frozen', async () => {
    await server.kill();
    const refused = await ticket();
    expect(refused).toMatchObject({ status: 503, code: 'counters_unavailable' });
    expect(Number(refused.retryAfter)).toBeGreaterThanOrEqual(5);
  });

  it('goes on with an empty server where it was, and refuses beyond the quota', async () => {
    await server.start();
    await until(async () => (await ticket()).status === 201, patience(20_000));
    expect((await ticket()).status).toBe(201);
    expect(await ticket()).toMatchObject({ status: 429, code: 'quota_exceeded' });
  });
});
