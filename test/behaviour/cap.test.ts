import pLimit from 'p-limit';
import { expect } from 'vitest';
import { fitting } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { until } from '../support/pipeline.ts';
import { behaviour } from './support/behaviour.ts';
import { peakExecutions } from './support/log-lines.ts';
import { calm, depth, holds } from './support/queues.ts';
import type { Target } from './support/target.ts';

/** Uploads enough images for the cap test and its counter-example: at least four batches each. */
async function flood({ client }: Target): Promise<string[]> {
  const images = fitting(40, 20);
  // Large enough for an execution to take longer than the start of the next.
  const photo = await smallPhoto(31, 1600, 1200);
  // Fewer at once than the API has executions, because this is not about the gateway's refusals.
  return pLimit(8).map(Array.from({ length: images }), () => client.upload(photo));
}

async function statuses({ sql }: Target, ids: readonly string[]): Promise<Record<string, number>> {
  const { rows } = await sql.query<{ status: string; count: number }>(
    'select status, count(*)::int as count from image where id = any($1) group by status',
    [ids],
  );
  return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
}

behaviour(
  'a flood fills the cap and never exceeds it, and no healthy message is lost',
  {
    on: ['local', 'localstack', 'aws'],
    proves:
      'peak executions = MaximumConcurrency = reserved concurrency, 0 messages in the dead-letter queue',
    needs: 'caps',
  },
  async (target) => {
    await calm(target);
    const ids = await flood(target);
    await until(async () => (await statuses(target, ids)).ready === ids.length);
    await holds(target, 'jobs', 0);
    expect(await depth(target, 'deadLetters')).toBe(0);
    const lines = (await target.log('process')).filter(
      ({ message, imageId = '' }) => message === 'Processed' && ids.includes(imageId),
    );
    // An image may be processed twice if a worker was interrupted before it recorded it; none may be missing.
    expect(new Set(lines.map(({ imageId }) => imageId)).size).toBe(ids.length);
    expect(peakExecutions(lines)).toBe(target.maxConcurrency);
  },
);

behaviour(
  'counter-example: with reserved concurrency below the maximum, healthy messages reach the dead-letter queue unprocessed',
  {
    on: ['localstack', 'aws'],
    proves:
      'the reason why a rule refuses reserved concurrency below the sum of the maxima; a redrive recovers the messages',
    needs: 'caps',
  },
  async (target) => {
    const { cloud } = target;
    if (cloud === undefined) throw new Error('only a deployment has caps to turn');
    await calm(target);
    const caps = await cloud.caps();
    try {
      await cloud.setCaps({ reserved: target.maxConcurrency - 1, maxReceiveCount: 3, visibilitySeconds: 2 });
      const ids = await flood(target);
      await holds(target, 'jobs', 0);
      const lost = await depth(target, 'deadLetters');
      expect(lost).toBeGreaterThan(0);
      // Healthy, and never seen by a handler. The queue may also contain messages whose processing took longer than the
      // visibility timeout of two seconds.
      const { rows } = await target.sql.query<{ untried: number }>(
        'select count(*)::int as untried from image where id = any($1) and attempt = 0',
        [ids],
      );
      const [{ untried } = { untried: 0 }] = rows;
      expect(untried).toBeGreaterThan(0);
      expect(untried).toBeLessThanOrEqual(lost);

      await cloud.setCaps(caps);
      await target.redrive();
      await until(async () => (await statuses(target, ids)).ready === ids.length);
      expect(await depth(target, 'deadLetters')).toBe(0);
    } finally {
      await cloud.setCaps(caps);
    }
  },
);
