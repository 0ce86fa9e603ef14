import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openClient } from '../support/client.ts';
import { patience } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { drained, startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';

let pipeline: TestPipeline;
beforeAll(async () => {
  // Nothing is done while the flood comes, which admission would otherwise refuse.
  pipeline = await startTestPipeline({ admission: { maxBacklogAge: 1_200 } });
});
afterAll(() => pipeline?.stop());

/** Work for some tenths of a second. */
const photoOf = (seed: number) => smallPhoto(seed, 2_400, 1_600);
const loudImages = 200;
const quietImages = 4;

it(
  'while a tenant floods the pipeline, the images of another overtake its backlog',
  async () => {
    const key = 'sluice_quiet';
    await pipeline.sql.query("insert into tenant (id) values ('quiet')");
    const sha256 = createHash('sha256').update(key).digest();
    await pipeline.sql.query("insert into api_key (sha256, tenant_id) values ($1, 'quiet')", [sha256]);
    const photo = await photoOf(1);
    const [loud, quiet] = [openClient(pipeline.url, pipeline.apiKey), openClient(pipeline.url, key)];
    // On a busy machine the workers would else be done with most of the flood before the last upload of it is.
    const resume = await pipeline.pauseJobs();
    await Promise.all(Array.from({ length: loudImages }, () => loud.upload(photo)));
    await until(async () => (await pipeline.queueDepth()) >= loudImages);
    const ids = await Promise.all(Array.from({ length: quietImages }, () => quiet.upload(photo)));
    await until(async () => (await pipeline.queueDepth()) >= loudImages + quietImages);
    resume();

    for (const id of ids) expect((await quiet.finished(id, 120_000)).status).toBe('ready');
    const before = await loudReadyBefore();
    expect(before).toHaveLength(quietImages);
    // Of the loud ones at most those that are in flight come first, and as many again that begin beside it.
    const { maxConcurrency, batchSize } = pipeline.config.process;
    expect(Math.max(...before)).toBeLessThanOrEqual(2 * maxConcurrency * batchSize);
    await until(async () => (await loudReady()) === loudImages, 180_000);
    await drained(pipeline);
    expect(await pipeline.dlqDepth()).toBe(0);
  },
  patience(300_000),
);

/**
 * Loud images that became ready before each quiet one, by the database's times: on a busy machine the client's polls take
 * longer than the pipeline.
 */
async function loudReadyBefore(): Promise<number[]> {
  const { rows } = await pipeline.sql.query<{ count: number }>(
    `select count(loud.id)::int as count from image quiet
     left join image loud on loud.tenant_id = 'local' and loud.status = 'ready' and loud.updated_at <= quiet.updated_at
     where quiet.tenant_id = 'quiet' and quiet.status = 'ready' group by quiet.id`,
  );
  return rows.map(({ count }) => count);
}

async function loudReady(): Promise<number> {
  const { rows } = await pipeline.sql.query<{ count: number }>(
    "select count(*)::int as count from image where tenant_id = 'local' and status = 'ready'",
  );
  return rows[0]?.count ?? 0;
}
