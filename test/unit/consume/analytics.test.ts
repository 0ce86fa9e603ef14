import { v7 } from 'uuid';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createHandler } from '../../../lambda/analytics/handler.ts';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import { countedDays } from '../../../lambda/domain/usage.ts';
import { forgetEvents } from '../../../lambda/postgres/analytics/add-usage.ts';
import { imageEvent } from '../../support/kafka/events.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { invocation, recordingLog } from '../process/test-worker.ts';
import { kafkaBatch, sqsBatch } from './batches.ts';
import { queueOfRefused } from './queue-of-refused.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(() => db.admin.query('truncate usage_hour, usage_event'));

const refused = queueOfRefused();
const analytics = (given: { now?: () => number } = {}) => {
  const handler = createHandler({
    database: db.as('sluice_analytics'),
    refusedEvents: refused,
    log: recordingLog(),
    ...given,
  });
  return (batch: object) =>
    handler(
      batch,
      invocation(() => 30_000),
    );
};
const rows = async () =>
  (
    await db.admin.query(
      `select tenant_id, hour, type, preset, code, images::int, variants::int, bytes::int, megapixels, seconds
       from usage_hour order by tenant_id, hour, type, preset, code`,
    )
  ).rows;
const counted = async () =>
  Number((await db.admin.query('select coalesce(sum(images), 0) as images from usage_hour')).rows[0].images);

const ready = (time: string): ImageEvent =>
  imageEvent({
    type: 'image.ready',
    time,
    data: {
      ageSeconds: 2,
      original: { contentType: 'image/jpeg', bytes: 4_000, width: 2_000, height: 1_000 },
      variants: [
        { preset: 'large', format: 'webp', width: 1_000, height: 500, bytes: 300 },
        { preset: 'large', format: 'jpeg', width: 1_000, height: 500, bytes: 400 },
        { preset: 'small', format: 'webp', width: 200, height: 100, bytes: 50 },
      ],
    },
  });

describe('the roll-up of use', () => {
  it('has a row for the images of an hour, and one for each preset of their variants', async () => {
    const rejected = imageEvent({
      type: 'image.rejected',
      time: '2026-11-29T11:00:00.000Z',
      data: { ageSeconds: 1.5, error: { code: 'corrupt_image', detail: 'it ends early' } },
    });
    const events = [ready('2026-11-29T10:59:59.999Z'), ready('2026-11-29T10:00:00.000Z'), rejected];
    expect(await analytics()(kafkaBatch(events))).toEqual({ batchItemFailures: [] });
    const ten = { tenant_id: 'acme', hour: new Date('2026-11-29T10:00:00Z'), type: 'image.ready', code: '' };
    expect(await rows()).toEqual([
      { ...ten, preset: '', images: 2, variants: 0, bytes: 8_000, megapixels: 4, seconds: 4 },
      { ...ten, preset: 'large', images: 0, variants: 4, bytes: 1_400, megapixels: 2, seconds: 0 },
      { ...ten, preset: 'small', images: 0, variants: 2, bytes: 100, megapixels: 0.04, seconds: 0 },
      {
        ...ten,
        hour: new Date('2026-11-29T11:00:00Z'),
        type: 'image.rejected',
        ...{ preset: '', code: 'corrupt_image' },
        ...{ images: 1, variants: 0, bytes: 1_000, megapixels: 0, seconds: 1.5 },
      },
    ]);
  });

  it('counts an event once: twice in a batch, again, in parts, and from the other source', async () => {
    const events = Array.from({ length: 20 }, () => ready(new Date().toISOString()));
    const handle = analytics();
    await handle(kafkaBatch([...events.slice(0, 12), ...events.slice(0, 3)]));
    const before = await rows();
    await handle(kafkaBatch(events.slice(0, 12)));
    expect(await rows()).toEqual(before);
    await handle(sqsBatch(events.slice(5)));
    await handle(kafkaBatch(events));
    expect(await counted()).toBe(20);
    const large = (await rows()).filter(({ preset }) => preset === 'large');
    expect(large.reduce((sum, { variants }) => sum + variants, 0)).toBe(40);
  });

  it('counts once what two consumers get at the same time, as after a rebalance', async () => {
    const events = Array.from({ length: 100 }, () => ready(new Date().toISOString()));
    const [one, other] = [analytics(), analytics()];
    const halves = [events.slice(0, 60), events.slice(40)];
    // Each batch at both, in opposite orders.
    await Promise.all([
      one(kafkaBatch(halves[0] ?? [])).then(() => one(kafkaBatch(halves[1] ?? []))),
      other(kafkaBatch((halves[1] ?? []).toReversed())).then(() => other(kafkaBatch(halves[0] ?? []))),
    ]);
    expect(await counted()).toBe(100);
  });

  it('refuses an event that is older than what it remembers, and counts it not twice', async () => {
    const event = ready(new Date().toISOString());
    const later = () => Date.now() + (countedDays + 1) * 86_400_000;
    await analytics({ now: later })(sqsBatch([event]));
    expect(await counted()).toBe(0);
    expect(refused.sent.at(-1)).toMatchObject({ code: 'too_old', text: JSON.stringify(event) });
  });

  it('refuses numbers that the database does not take, alone', async () => {
    const odd = ready(new Date().toISOString());
    odd.data.declared.bytes = 0.5;
    delete odd.data.original;
    const events = [ready(new Date().toISOString()), odd, ready(new Date().toISOString())];
    expect(await analytics()(sqsBatch(events))).toEqual({ batchItemFailures: [] });
    expect(await counted()).toBe(2);
    expect(refused.sent.at(-1)).toMatchObject({ code: 'not_storable' });
  });

  it('fails as a whole when the database is away', async () => {
    const batch = sqsBatch([ready(new Date().toISOString())]);
    // Of the database, because the role is that of all tests.
    await db.admin.query(`alter database ${db.address.name} connection limit 0`);
    try {
      await expect(analytics()(batch)).rejects.toMatchObject({ code: 'database_unavailable' });
    } finally {
      await db.admin.query(`alter database ${db.address.name} connection limit -1`);
    }
    await analytics()(batch);
    expect(await counted()).toBe(1);
  });

  it('the sweep forgets the ids of old events, and no others', async () => {
    const of = (daysAgo: number) => v7({ msecs: Date.now() - daysAgo * 86_400_000 });
    const ids = [of(0), of(9.9), of(10.1), of(50)];
    await db.admin.query('insert into usage_event select unnest($1::uuid[])', [ids]);
    const removed = await db.as('sluice_sweep').run((c) => forgetEvents(c, { days: 10, limit: 100 }));
    expect(removed).toBe(2);
    const { rows: left } = await db.admin.query('select event_id from usage_event');
    expect(left.map(({ event_id }) => event_id).sort()).toEqual(ids.slice(0, 2).sort());
  });
});
