import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectionBudget } from '../../lib/config/budget.ts';
import { openClient } from '../support/client.ts';
import { patience } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { drained, startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';

const uploads = 500;
const cap = 8;
/** Milliseconds of a quiet machine. */
const floodMs = 180_000;

describe('a flood of 500 uploads', () => {
  let pipeline: TestPipeline;
  beforeAll(async () => {
    pipeline = await startTestPipeline({ process: { maxConcurrency: cap } });
  });
  afterAll(() => pipeline?.stop());

  it(
    'a flood exceeds neither the cap of executions nor the connection budget, and every image becomes ready',
    async () => {
      const client = openClient(pipeline.url, pipeline.apiKey);
      const photos = await Promise.all(Array.from({ length: 20 }, (_, seed) => smallPhoto(seed)));
      const watch = new AbortController();
      const samples = sampleConnections(pipeline, watch.signal);

      const ids = await Promise.all(
        Array.from({ length: uploads }, (_, n) => client.upload(photos[n % photos.length] as Buffer)),
      );
      await until(async () => {
        const { rows } = await pipeline.sql.query<{ count: number }>(
          "select count(*)::int as count from image where status in ('ready', 'rejected', 'failed', 'expired')",
        );
        return rows[0]?.count === uploads;
      }, floodMs);
      watch.abort();
      const seen = await samples;

      const { rows } = await pipeline.sql.query(
        'select status, count(*)::int as images, count(distinct id)::int as ids from image group by status',
      );
      expect(rows).toEqual([{ status: 'ready', images: uploads, ids: new Set(ids).size }]);
      expect(pipeline.statistics('process').peak).toBeLessThanOrEqual(cap);
      // A flood that never reached the cap proves nothing.
      expect(pipeline.statistics('process').peak).toBe(cap);

      const budget = connectionBudget(pipeline.config);
      expect(seen.samples).toBeGreaterThan(50);
      expect(seen.peak.sluice_process ?? 0).toBeLessThanOrEqual(budget.process);
      expect(seen.peak.sluice_process ?? 0).toBeGreaterThan(0);
      expect(seen.peak.sluice_api ?? 0).toBeLessThanOrEqual(budget.api);
      expect(seen.peakTotal).toBeLessThanOrEqual(
        budget.process + budget.api + budget.sweep + budget.migrate + budget.operate,
      );

      await drained(pipeline);
      expect(await pipeline.queueDepth()).toBe(0);
      expect(await pipeline.dlqDepth()).toBe(0);
    },
    patience(240_000),
  );
});

/** Reads pg_stat_activity every 50 ms until it is stopped; the highest counts by role and in all. */
async function sampleConnections(pipeline: TestPipeline, stop: AbortSignal) {
  const peak: Record<string, number> = {};
  let peakTotal = 0;
  let samples = 0;
  while (!stop.aborted) {
    const { rows } = await pipeline.sql.query<{ role: string; count: number }>(
      "select usename as role, count(*)::int as count from pg_stat_activity where usename like 'sluice%' group by 1",
    );
    for (const { role, count } of rows) peak[role] = Math.max(peak[role] ?? 0, count);
    peakTotal = Math.max(
      peakTotal,
      rows.reduce((sum, { count }) => sum + count, 0),
    );
    samples += 1;
    await pause(50);
  }
  return { peak, peakTotal, samples };
}
