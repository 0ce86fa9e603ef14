import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageEvent } from '../../lambda/domain/event.ts';
import { verifyAudit } from '../../lambda/operate/audit.ts';
import { openOnDemand } from '../../lambda/postgres/connection/on-demand.ts';
import { type Broker, startBroker } from '../support/kafka/broker.ts';
import { kafkaMissing } from '../support/kafka/jars.ts';
import { readTopic } from '../support/kafka/read-topic.ts';
import { fitting } from '../support/pace.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline, until } from '../support/pipeline.ts';

/* From an upload by HTTP to the tables of the consumers, with Kafka between them: as `npm start` with SLUICE_KAFKA. */

const topic = 'image-events';

describe.skipIf(kafkaMissing())('the pipeline with Kafka', () => {
  let broker: Broker;
  let pipeline: TestPipeline;
  beforeAll(async () => {
    broker = await startBroker();
    await broker.createTopic(topic, 3);
    pipeline = await startTestPipeline(
      {},
      { sweepEveryMs: 1_000, topic: { brokers: [broker.address], name: topic } },
    );
  });
  afterAll(async () => {
    await pipeline?.stop();
    await broker?.stop();
  });

  async function upload(seed: number): Promise<string> {
    const response = await fetch(`${pipeline.url}/v1/images`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${pipeline.apiKey}`, 'Content-Type': 'image/png' },
      body: new Uint8Array(await smallPhoto(seed)),
    });
    expect(response.status).toBe(202);
    return ((await response.json()) as { id: string }).id;
  }
  const numbers = async (statement: string) =>
    (await pipeline.sql.query<Record<string, string>>(statement)).rows[0] ?? {};
  const linesOf = async () =>
    (await pipeline.sql.query<{ event: string }>('select event from audit_line order by number')).rows.map(
      ({ event }) => JSON.parse(event) as ImageEvent,
    );

  async function verified() {
    const { host, port, user, password, database: name } = pipeline.database;
    const database = openOnDemand({
      environment: {
        DATABASE_HOST: host,
        DATABASE_PORT: port,
        DATABASE_NAME: name,
        DATABASE_USER: user,
        DATABASE_AUTH: 'password',
        DATABASE_TLS: 'off',
        DATABASE_PREPARED_STATEMENTS: 'named',
      },
      password: async () => password,
      applicationName: 'test',
    });
    try {
      return await database.run((connection) => verifyAudit(connection, { tenant: 'local' }));
    } finally {
      await database.close();
    }
  }

  it('each event goes through the topic to both consumers, once, although the relay is killed', async () => {
    const count = fitting(40, 10);
    const ids: string[] = [];
    let kills = 0;
    for (let n = 0; n < count; n += 1) {
      ids.push(await upload(n));
      if (n % 5 !== 4) continue;
      for (const pid of pipeline.environments('relay')) {
        process.kill(pid, 'SIGKILL');
        kills += 1;
      }
    }
    expect(kills).toBeGreaterThan(0);
    // A lease of the relay that was killed ends by itself, after 20 s.
    await until(
      async () => Number((await numbers('select count(*) as n from audit_line')).n) === 2 * count,
      120_000,
    );
    await until(async () => Number((await numbers('select count(*) as n from usage_event')).n) === 2 * count);

    const types = ['image.admitted', 'image.ready'];
    const byImage = Map.groupBy(await linesOf(), ({ subject }) => subject);
    expect(new Set(byImage.keys())).toEqual(new Set(ids));
    for (const events of byImage.values()) expect(events.map(({ type }) => type)).toEqual(types);
    expect(await verified()).toMatchObject({ lines: 2 * count, findings: [] });

    // The numbers of the images themselves.
    const images = await numbers(
      `select count(*) as n, sum(bytes) as bytes from image where status = 'ready'`,
    );
    const variants = await numbers('select count(*) as n, sum(bytes) as bytes from variant');
    const use = await numbers(
      `select sum(images) filter (where type = 'image.admitted') as admitted, sum(images) filter (where type = 'image.ready') as n,
         sum(bytes) filter (where type = 'image.ready' and variants = 0) as bytes, sum(variants) as variants,
         sum(bytes) filter (where variants > 0) as "variantBytes" from usage_hour where tenant_id = 'local'`,
    );
    expect(use).toEqual({
      admitted: String(count),
      ...images,
      variants: variants.n,
      variantBytes: variants.bytes,
    });

    // Nothing went by the queues, and repetitions in the topic have the same id.
    const written = await readTopic(broker.address, topic, 2 * count);
    expect(written.length).toBeGreaterThanOrEqual(2 * count);
    await until(async () => {
      const { analytics, audit } = await pipeline.consumerLag();
      return analytics === 0 && audit === 0;
    });
  });
});
