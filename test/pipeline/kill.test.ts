import { afterEach, describe, expect, it } from 'vitest';
import { type Client, openClient } from '../support/client.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';
import { startRunner } from '../support/runner.ts';

/*
 * kill -9, once of a worker in the middle of its batch and once of the whole runner. A short timeout makes the
 * leases and the visibility (6 × timeout) short; nothing else differs from the default.
 */
const quick = { process: { timeoutSeconds: 5, maxConcurrency: 2, batchSize: 5 } };

/** Ready, each variant once in the database and once in the bucket, and nothing else under its prefix. */
async function expectReadyOnce(client: Client, ids: string[], keysOf: (id: string) => Promise<string[]>) {
  for (const id of ids) {
    const image = await client.finished(id, 120_000);
    expect(image.status).toBe('ready');
    expect(new Set(image.variants.map(({ preset, format }) => `${preset} ${format}`)).size).toBe(6);
    expect(image.variants).toHaveLength(6);
    expect(await keysOf(id)).toHaveLength(6);
  }
}

describe('kill -9', () => {
  let pipeline: TestPipeline | undefined;
  afterEach(async () => {
    await pipeline?.stop();
    pipeline = undefined;
  });

  it('of a worker in the middle of its batch: every image still ends ready, each variant once', async () => {
    pipeline = await startTestPipeline(quick);
    const { url, apiKey } = pipeline;
    const client = openClient(url, apiKey);
    const photo = await smallPhoto(3, 2400, 1600);
    const ids = await Promise.all(Array.from({ length: 20 }, () => client.upload(photo)));
    await pipeline.until(async () => (await statusCount(pipeline as TestPipeline, 'processing')) > 0);
    const killed = pipeline.killWorkers('process');
    expect(killed).toBeGreaterThan(0);
    await expectReadyOnce(client, ids, (id) => (pipeline as TestPipeline).derivedKeys(id));
    expect(await pipeline.dlqDepth()).toBe(0);
    const { rows } = await pipeline.database.query<{ most: number }>(
      'select max(attempt)::int as most from image',
    );
    // Somebody was in work when the worker died, else this proved nothing.
    expect(rows[0]?.most).toBeGreaterThan(1);
  }, 180_000);

  it('of the whole runner, and a restart: work that was in flight goes on', async () => {
    const runner = await startRunner(quick);
    try {
      const first = openClient(runner.url, runner.apiKey);
      const photo = await smallPhoto(5, 2400, 1600);
      const ids = await Promise.all(Array.from({ length: 20 }, () => first.upload(photo)));
      await runner.until(async () => (await first.get(ids[0] as string)).status !== 'awaiting_upload');
      await runner.kill9();
      await runner.restart();
      const again = openClient(runner.url, runner.apiKey);
      await expectReadyOnce(again, ids, (id) => runner.derivedKeys(id));
    } finally {
      await runner.stop();
    }
  }, 240_000);
});

async function statusCount({ database }: TestPipeline, status: string): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'select count(*)::int as count from image where status = $1',
    [status],
  );
  return rows[0]?.count ?? 0;
}
