import { afterEach, describe, expect, it } from 'vitest';
import { type Client, openClient } from '../support/client.ts';
import { patience } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { type Inspection, startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';
import { makeRunnerHome } from '../support/runner.ts';

/*
 * kill -9 of a worker during its batch, and of the whole runner. A short timeout makes leases and visibility timeout
 * (6 × timeout) short; everything else is the default.
 */
const quick = { process: { timeoutSeconds: 5, maxConcurrency: 2, batchSize: 5 } };

/** Ready, each variant once in the database and once in the bucket, and nothing else under its prefix. */
async function expectReadyOnce(client: Client, ids: string[], inspection: Inspection) {
  for (const id of ids) {
    const image = await client.finished(id, 120_000);
    expect(image.status).toBe('ready');
    expect(new Set(image.variants.map(({ preset, format }) => `${preset} ${format}`)).size).toBe(6);
    expect(image.variants).toHaveLength(6);
    expect(await inspection.derivedKeys(id)).toHaveLength(6);
  }
}

describe('kill -9', () => {
  let pipeline: TestPipeline | undefined;
  afterEach(async () => {
    await pipeline?.stop();
    pipeline = undefined;
  });

  it(
    'after a kill -9 of a worker during its batch every image still becomes ready, each variant once',
    async () => {
      const running = await startTestPipeline(quick);
      pipeline = running;
      const client = openClient(running.url, running.apiKey);
      const photo = await smallPhoto(3, 2400, 1600);
      const ids = await Promise.all(Array.from({ length: 20 }, () => client.upload(photo)));
      await until(async () => (await statusCount(running, 'processing')) > 0);
      const workers = running.environments('process');
      expect(workers.length).toBeGreaterThan(0);
      for (const pid of workers) process.kill(-pid, 'SIGKILL');
      await expectReadyOnce(client, ids, pipeline);
      expect(await pipeline.dlqDepth()).toBe(0);
      const { rows } = await pipeline.sql.query<{ most: number }>(
        'select max(attempt)::int as most from image',
      );
      // An image was in progress when the worker died; otherwise this proves nothing.
      expect(rows[0]?.most).toBeGreaterThan(1);
    },
    patience(180_000),
  );

  it(
    'after a kill -9 of the whole runner and a restart, work in flight continues',
    async () => {
      const home = makeRunnerHome(quick);
      let runner = await home.start();
      try {
        const first = openClient(runner.url, runner.apiKey);
        const photo = await smallPhoto(5, 2400, 1600);
        const ids = await Promise.all(Array.from({ length: 20 }, () => first.upload(photo)));
        await until(async () => (await statusCount(runner, 'processing')) > 0);
        expect(await runner.kill9()).toBeGreaterThan(4);
        runner = await home.start();
        await expectReadyOnce(openClient(runner.url, runner.apiKey), ids, runner);
        expect(await runner.dlqDepth()).toBe(0);
      } finally {
        await runner.stop();
        home.remove();
      }
    },
    patience(240_000),
  );
});

async function statusCount({ sql }: Inspection, status: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    'select count(*)::int as count from image where status = $1',
    [status],
  );
  return rows[0]?.count ?? 0;
}
