import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ImageEvent } from '../../lambda/domain/event.ts';
import { verifyAudit } from '../../lambda/operate/audit.ts';
import { type Broker, startBroker } from '../support/kafka/broker.ts';
import {
  type ConsumerOptions,
  type ConsumerProcess,
  startConsumer,
} from '../support/kafka/consumer-process.ts';
import { imageEvent } from '../support/kafka/events.ts';
import { kafkaMissing } from '../support/kafka/jars.ts';
import { fitting, patience, waiting } from '../support/pace.ts';
import { openTestDb, type TestDb } from '../unit/postgres/rows.ts';

const partitions = 6;

describe.skipIf(kafkaMissing())('consumers of a topic', () => {
  let broker: Broker;
  let db: TestDb;
  beforeAll(async () => {
    [broker, db] = await Promise.all([startBroker(), openTestDb()]);
  });
  afterAll(async () => {
    await broker?.stop();
    await db?.close();
  });

  /** A topic of its own, a tenant of its own, and how to start consumers of both. */
  async function scene() {
    const topic = `events-${randomUUID()}`;
    const tenant = topic.slice(-12);
    await broker.createTopic(topic, partitions);
    const consumers: ConsumerProcess[] = [];
    onTestFinished(() => {
      for (const one of consumers) one.signal('SIGKILL');
    });
    return {
      topic,
      tenant,
      consumers,
      start(given: Partial<ConsumerOptions> = {}): ConsumerProcess {
        const one = startConsumer({
          ...{ brokers: [broker.address], topic, groupId: `audit-${topic}` },
          ...{ maxRecords: 50, maxConcurrency: 2, sessionTimeoutMs: 3_000, batchMs: 0 },
          database: db.address,
          ...given,
        });
        consumers.push(one);
        return one;
      },
    };
  }

  /** Sends events of so many images, their sequence numbers in turn. @returns their ids and the seconds that it took. */
  async function produce(topic: string, tenant: string, count: number, images: number) {
    const producer = new Producer({
      clientId: 'tests',
      bootstrapBrokers: [broker.address],
      idempotent: true,
      acks: -1,
    });
    const ids = Array.from({ length: images }, () => randomUUID());
    const sent: string[] = [];
    let seconds = 0;
    for (let at = 0; at < count; at += 1_000) {
      const messages = Array.from({ length: Math.min(1_000, count - at) }, (_, place) => {
        const number = at + place;
        const event = imageEvent({
          ...{ tenant, image: ids[number % images] ?? '' },
          sequence: Math.floor(number / images) + 1,
        });
        sent.push(event.id);
        return { topic, key: Buffer.from(event.subject), value: Buffer.from(JSON.stringify(event)) };
      });
      const began = performance.now();
      await producer.send({ messages });
      // The first one connects, which takes a second.
      if (at > 0) seconds += (performance.now() - began) / 1000;
    }
    await producer.close();
    return { sent, seconds: count > 1_000 ? (seconds * count) / (count - 1_000) : 0 };
  }

  const written = async (tenant: string): Promise<number> =>
    Number(
      (
        await db.admin.query('select coalesce(max(number), 0) as n from audit_line where tenant_id = $1', [
          tenant,
        ])
      ).rows[0].n,
    );

  /** Every event once, those of an image in order, and the chain is whole. */
  async function expectWhole(tenant: string, sent: readonly string[]): Promise<void> {
    const { rows } = await db.admin.query<{ event: string }>(
      'select event from audit_line where tenant_id = $1 order by number',
      [tenant],
    );
    const events = rows.map(({ event }) => JSON.parse(event) as ImageEvent);
    expect(events).toHaveLength(sent.length);
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(sent));
    for (const own of Map.groupBy(events, ({ subject }) => subject).values())
      expect(own.map(({ sequence }) => Number(sequence))).toEqual(own.map((_, place) => place + 1));
    const operate = db.as('sluice_operate');
    expect(await operate.run((c) => verifyAudit(c, { tenant }))).toMatchObject({ findings: [] });
    await operate.close();
  }

  async function drained(tenant: string, count: number, ms: number, meanwhile = () => {}): Promise<void> {
    for (const over = waiting(ms); (await written(tenant)) < count; await sleep(100)) {
      if (over()) throw new Error(`${await written(tenant)} of ${count} events were written in time`);
      meanwhile();
    }
  }

  it('a consumer that is ten times slower than its topic lags, keeps its memory, and drains', async () => {
    const { topic, tenant, start } = await scene();
    const count = fitting(100_000, 20_000);
    // Two batches of 50 at once, in the time in which ten times as many events arrive on this machine.
    const trial = await scene();
    const sample = await produce(trial.topic, trial.tenant, 3_000, 100);
    const consumer = start({ batchMs: Math.round((1_000 * 10 * 2 * 50 * sample.seconds) / 3_000) });
    const heard: { lag: number; held: number; rss: number; paused: number }[] = [];
    const watch = setInterval(() => {
      const { lag, held, rss, paused } = consumer.report ?? {};
      if (lag !== undefined && held !== undefined && rss !== undefined && paused !== undefined)
        heard.push({ lag, held, rss, paused });
    }, 100);
    onTestFinished(() => clearInterval(watch));
    await expect
      .poll(() => consumer.report?.partitions.length, { timeout: patience(60_000) })
      .toBe(partitions);
    const { sent, seconds } = await produce(topic, tenant, count, 2_000);
    const arrived = performance.now();
    await drained(tenant, count, 300_000);
    const drainSeconds = (performance.now() - arrived) / 1000;
    await expectWhole(tenant, sent);
    await expect.poll(() => consumer.report?.lag, { timeout: patience(30_000) }).toBe(0);
    await consumer.stop();
    const most = (of: (one: (typeof heard)[number]) => number) => Math.max(...heard.map(of));
    process.stdout.write(
      `${count} events in ${seconds.toFixed(1)} s, drained in ${drainSeconds.toFixed(1)} s; at most ${most(({ lag }) => lag)} ` +
        `behind, ${most(({ held }) => held)} in memory, RSS ${(most(({ rss }) => rss) / 2 ** 20).toFixed(0)} MiB\n`,
    );
    // The machine may be slower or faster than in the sample.
    expect(drainSeconds).toBeGreaterThan(5 * seconds);
    expect(most(({ lag }) => lag)).toBeGreaterThan(count / 2);
    expect(most(({ paused }) => paused)).toBeGreaterThan(0);
    // A partition has less than a batch when it is fetched, and one fetch brings a record batch of the producer at most.
    expect(most(({ held }) => held)).toBeLessThan(partitions * (50 + 400));
    const early = heard.slice(0, Math.ceil(heard.length / 4)).map(({ rss }) => rss);
    const late = heard.slice(-Math.ceil(heard.length / 4)).map(({ rss }) => rss);
    expect(Math.max(...late)).toBeLessThan(Math.max(...early) + 60 * 2 ** 20);
  });

  it('20 kills of consumers lose nothing, double nothing and keep the order of each image', async () => {
    const { topic, tenant, consumers, start } = await scene();
    const count = fitting(10_000, 3_000);
    for (let n = 0; n < 3; n += 1) start({ batchMs: 100, maxRecords: 20 });
    const { sent } = await produce(topic, tenant, count, 500);
    let kills = 0;
    for (const over = waiting(300_000); kills < 20; ) {
      const before = await written(tenant);
      // A kill in the middle of the work: after some more events, or when nothing happens because of the last kill.
      const stuck = waiting(2_000);
      while ((await written(tenant)) < Math.min(count, before + count / 40) && !stuck()) await sleep(50);
      const victim = consumers.at(kills % 3 === 0 ? -1 : -2);
      victim?.signal('SIGKILL');
      await victim?.ended;
      start({ batchMs: 100, maxRecords: 20 });
      kills += 1;
      if (over()) throw new Error(`only ${kills} kills in time`);
    }
    await drained(tenant, count, 120_000);
    await expectWhole(tenant, sent);
  });

  it('a consumer goes on after records that retention removed before it read them', async () => {
    const { topic, tenant, start } = await scene();
    const consumer = start();
    await produce(topic, tenant, 60, 30);
    await drained(tenant, 60, 60_000);
    await consumer.stop();
    await produce(topic, tenant, 60, 30);
    const admin = new Admin({ clientId: 'tests', bootstrapBrokers: [broker.address] });
    // -1 is the end of a partition.
    const all = Array.from({ length: partitions }, (_, partition) => ({ partition, offset: -1n }));
    await admin.deleteRecords({ topics: [{ name: topic, partitions: all }] });
    await admin.close();
    const { sent } = await produce(topic, tenant, 60, 30);
    start();
    await drained(tenant, 120, 60_000);
    const { rows } = await db.admin.query<{ id: string }>(
      'select event_id as id from audit_line where tenant_id = $1 and number > 60',
      [tenant],
    );
    expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(sent));
  });

  it('a batch that takes longer than max.poll.interval.ms costs its member nothing', async () => {
    const { topic, tenant, start } = await scene();
    // Kafka wants the session to be no longer than the interval, and a heartbeat may come a second late.
    const interval = patience(3_000);
    const given = {
      ...{ batchMs: 2 * interval, maxConcurrency: partitions },
      ...{ maxPollIntervalMs: interval, sessionTimeoutMs: interval },
    };
    const first = start(given);
    await expect.poll(() => first.report?.partitions.length, { timeout: patience(60_000) }).toBe(partitions);
    const generation = first.report?.generation;
    const { sent } = await produce(topic, tenant, 60, 30);
    await drained(tenant, 60, 60_000);
    // Written, and not committed before the batch has taken its time. The lag is looked at once a second.
    await expect.poll(() => first.report?.lag, { timeout: patience(30_000) }).toBeGreaterThan(0);
    await expect.poll(() => first.report?.lag, { timeout: patience(30_000) }).toBe(0);
    expect(first.report?.generation).toBe(generation);
    await expectWhole(tenant, sent);
  });

  it('shares the partitions with a member that joins, and takes back those of one that stops or freezes', async () => {
    const { topic, tenant, start } = await scene();
    const counted = (one: ConsumerProcess) => one.report?.partitions.length ?? 0;
    const first = start();
    await expect.poll(() => counted(first), { timeout: patience(60_000) }).toBe(partitions);
    const second = start();
    await expect.poll(() => counted(second), { timeout: patience(60_000) }).toBe(partitions / 2);
    await expect.poll(() => counted(first), { timeout: patience(60_000) }).toBe(partitions / 2);
    const before = await produce(topic, tenant, 600, 100);
    await drained(tenant, 600, 60_000);
    await second.freeze();
    await expect.poll(() => counted(first), { timeout: patience(60_000) }).toBe(partitions);
    // It wakes up without its membership: what it still holds is not committed over the others.
    second.signal('SIGCONT');
    await expect.poll(() => counted(second), { timeout: patience(60_000) }).toBe(partitions / 2);
    await second.stop();
    await expect.poll(() => counted(first), { timeout: patience(60_000) }).toBe(partitions);
    await expectWhole(tenant, before.sent);
  });

  it('works on after the broker was away', async () => {
    const { topic, tenant, start } = await scene();
    const consumer = start();
    await expect
      .poll(() => consumer.report?.partitions.length, { timeout: patience(60_000) })
      .toBe(partitions);
    const before = await produce(topic, tenant, 300, 50);
    await drained(tenant, 300, 60_000);
    await broker.restart();
    const after = await produce(topic, tenant, 300, 50);
    await drained(tenant, 600, 120_000);
    expect(await written(tenant)).toBe(before.sent.length + after.sent.length);
  });
});
