import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openClient } from '../support/client.ts';
import { patience } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { drained, startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';

let pipeline: TestPipeline;
beforeAll(async () => {
  pipeline = await startTestPipeline();
});
afterAll(() => pipeline?.stop());

/** Large enough that the workers, not the uploads, are the bottleneck. */
const photoOf = (seed: number) => smallPhoto(seed, 2_400, 1_600);
const loudImages = 300;
const quietImages = 4;

it(
  'while a tenant floods the pipeline, the images of another overtake its backlog',
  async () => {
    const key = 'sluice_quiet';
    await pipeline.sql.query("insert into tenant (id) values ('quiet')");
    const sha256 = createHash('sha256').update(key).digest();
    await pipeline.sql.query("insert into api_key (sha256, tenant_id) values ($1, 'quiet')", [sha256]);
    const photo = await photoOf(1);
    const loud = openClient(pipeline.url, pipeline.apiKey);
    let sent = 0;
    const flood = async (count: number) => {
      await Promise.all(Array.from({ length: count }, () => loud.upload(photo)));
      sent += count;
    };
    await flood(loudImages);
    // Their messages are all sent.
    await until(async () => (await pipeline.queueDepth()) + (await loudReady()) >= sent);

    // Of the loud ones at most those that are in flight come first, and as many again that begin beside it.
    const { maxConcurrency, batchSize } = pipeline.config.process;
    const most = 2 * maxConcurrency * batchSize;
    const quiet = openClient(pipeline.url, key);
    const overtaken: number[] = [];
    // On a busy machine much of it may be done before the last upload is.
    while (sent - (await loudReady()) <= 1.5 * most) {
      expect(sent).toBeLessThan(5 * loudImages);
      await flood(50);
    }
    let ready = await loudReady();
    // While so many are left that the next one has a backlog to overtake, whenever it ends.
    do {
      const id = await quiet.upload(photo);
      expect((await quiet.finished(id, 120_000)).status).toBe('ready');
      const before = ready;
      ready = await loudReady();
      overtaken.push(ready - before);
      // Otherwise there was none.
      expect(ready).toBeLessThan(sent);
    } while (overtaken.length < quietImages && ready + most < sent);
    expect(Math.max(...overtaken)).toBeLessThanOrEqual(most);
    await until(async () => (await loudReady()) === sent, 180_000);
    await drained(pipeline);
    expect(await pipeline.dlqDepth()).toBe(0);
  },
  patience(300_000),
);

async function loudReady(): Promise<number> {
  const { rows } = await pipeline.sql.query<{ count: number }>(
    "select count(*)::int as count from image where tenant_id = 'local' and status = 'ready'",
  );
  return rows[0]?.count ?? 0;
}
