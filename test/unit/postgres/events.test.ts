import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventSchema } from '../../../lambda/domain/event.ts';
import { removeOldEvents } from '../../../lambda/postgres/events/old-events.ts';
import { eventsOfImage } from '../../../lambda/postgres/events/reading.ts';
import { commitResults, type JobResult } from '../../../lambda/postgres/images/commit.ts';
import { markDeleted, removeDeleted } from '../../../lambda/postgres/images/deletion.ts';
import { insertTickets } from '../../../lambda/postgres/images/ticket-batch.ts';
import { insertImage, openTestDb, type TestDb } from './rows.ts';

/* What the triggers of migration 000019 write. Which statement writes which event: transitions.test.ts. */

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());

const read = (imageId: string, after = 0, tenant = 'alpha') =>
  db
    .as('sluice_api')
    .run((connection) => eventsOfImage(connection, { imageId, tenant }, { after, limit: 10 }));
const held = () => ({
  values: { status: 'processing', attempt: 1, metadata: '{"album": "4711"}' },
  sql: { lease_expires_at: "now() + interval '1 minute'", created_at: "now() - interval '2.5 seconds'" },
});
const commit = (imageId: string, result: object) =>
  db
    .as('sluice_process')
    .run((connection) =>
      commitResults(connection, [{ imageId, attempt: 1, ...result } as JobResult], { maxAttempts: 3 }),
    );
const original = { contentType: 'image/png', bytes: 7, width: 40, height: 30, frames: 1 };
const variant = (format: string, preset = 'small') => ({
  ...{ preset, format, contentType: `image/${format}`, width: 20, height: 15, frames: 1, bytes: 3 },
  ...{ sha256: 'ab'.repeat(32), key: `derived/${preset}.${format}` },
});
const ready = {
  outcome: 'ready',
  original,
  placeholder: { color: '#000000' },
  variants: [variant('webp'), variant('jpeg'), variant('webp', 'large')],
};

describe('an event', () => {
  it('has the shape of CloudEvents, and the image as the statement left it, variants of the same statement included', async () => {
    const id = await insertImage(db.admin, held());
    await commit(id, ready);
    const [admitted, event] = await read(id);
    expect(admitted).toMatchObject({ type: 'image.admitted', sequence: '1', subject: id });
    expect(event).toEqual({
      specversion: '1.0',
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      source: 'sluice',
      type: 'image.ready',
      subject: id,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      datacontenttype: 'application/json',
      dataschema: eventSchema,
      tenant: 'alpha',
      sequence: '2',
      data: {
        id,
        tenant: 'alpha',
        status: 'ready',
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        ageSeconds: expect.any(Number),
        declared: { contentType: 'image/jpeg', bytes: 1000 },
        metadata: { album: '4711' },
        original: { contentType: 'image/png', bytes: 7, width: 40, height: 30 },
        variants: [
          { preset: 'large', format: 'webp', width: 20, height: 15, bytes: 3 },
          { preset: 'small', format: 'jpeg', width: 20, height: 15, bytes: 3 },
          { preset: 'small', format: 'webp', width: 20, height: 15, bytes: 3 },
        ],
      },
    });
    expect(event?.data.ageSeconds).toBeGreaterThanOrEqual(2.5);
    // The first 48 bits of its id are its time in milliseconds.
    const milliseconds = Number.parseInt((event?.id ?? '').replace('-', '').slice(0, 12), 16);
    expect(Math.abs(milliseconds - Date.parse(event?.time ?? ''))).toBeLessThan(1_000);
  });

  it('has times in UTC, whatever the time zone of the session', async () => {
    const id = await insertImage(db.admin, held());
    await db.admin.query("set time zone 'Asia/Kathmandu'");
    try {
      await db.admin.query("update image set status = 'expired' where id = $1", [id]);
    } finally {
      await db.admin.query('reset time zone');
    }
    const [, event] = await read(id);
    const { rows } = await db.admin.query('select created_at from image where id = $1', [id]);
    expect(event?.data.createdAt).toBe(rows[0].created_at.toISOString());
  });

  it.each([
    [
      { outcome: 'rejected', code: 'corrupt_image', detail: 'torn' },
      { code: 'corrupt_image', detail: 'torn' },
    ],
    [
      { outcome: 'released', counted: true, final: true, error: 'secret' },
      { code: 'internal', detail: expect.stringContaining('ours') },
    ],
  ])('of %j has what clients see of the error', async (result, error) => {
    const id = await insertImage(db.admin, held());
    await commit(id, result);
    const [, event] = await read(id);
    expect(event?.data.error).toEqual(error);
    expect(JSON.stringify(event)).not.toContain('secret');
    expect(event?.data).not.toHaveProperty('variants');
  });

  it('of a superseded image names the newer one', async () => {
    const id = await insertImage(db.admin, held());
    const newer = '01900000-0000-7000-8000-000000000000';
    await commit(id, { outcome: 'superseded', supersededBy: newer });
    expect((await read(id))[1]?.data).toMatchObject({ status: 'superseded', supersededBy: newer });
  });

  it('outlives the row of its image, and is read by its tenant only', async () => {
    const id = await insertImage(db.admin, { values: { status: 'ready' } });
    await db.as('sluice_api').run((connection) => markDeleted(connection, { tenant: 'alpha', imageId: id }));
    await db.as('sluice_sweep').run((connection) => removeDeleted(connection, [id]));
    expect((await read(id)).map(({ type, data }) => [type, data.status])).toEqual([
      ['image.admitted', 'ready'],
      ['image.deleted', 'deleted'],
    ]);
    expect(await read(id, 1)).toHaveLength(1);
    expect(await read(id, 2)).toEqual([]);
    expect(await read(id, 0, 'beta')).toEqual([]);
  });
});

describe('a statement', () => {
  it('that changes many images writes an event of each, and nothing of those that it leaves as they are', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 40; n += 1) ids.push(await insertImage(db.admin, held()));
    const half = ids.slice(20);
    await db.admin.query(
      `update image set status = case when id = any($2::uuid[]) then 'failed' else status end,
         error_code = case when id = any($2::uuid[]) then 'internal' end
       where id = any($1::uuid[])`,
      [ids, half],
    );
    const { rows } = await db.admin.query(
      "select image_id as id from image_event where image_id = any($1::uuid[]) and type = 'image.failed'",
      [ids],
    );
    expect(rows.map(({ id }) => id).sort()).toEqual(half.toSorted());
  });

  it('that is rolled back leaves no event', async () => {
    const id = await insertImage(db.admin, held());
    await db.admin.query('begin');
    await db.admin.query("update image set status = 'expired' where id = $1", [id]);
    await db.admin.query('rollback');
    expect(await read(id)).toHaveLength(1);
    await db.admin.query("update image set status = 'expired' where id = $1", [id]);
    expect((await read(id)).map(({ sequence }) => sequence)).toEqual(['1', '2']);
  });

  it('that issues tickets writes an event of each', async () => {
    const ids = Array.from({ length: 30 }, () => crypto.randomUUID());
    const image = { contentType: 'image/png', bytes: 1, presets: ['small'], metadata: {}, work: 0.5 };
    await db.as('sluice_api').run((connection) =>
      insertTickets(connection, 'beta', {
        images: ids.map((id) => ({ id, ...image })),
        ticketSeconds: 60,
        claim: undefined,
      }),
    );
    for (const id of ids)
      expect(await read(id, 0, 'beta')).toMatchObject([
        { type: 'image.admitted', data: { status: 'awaiting_upload', ageSeconds: 0 } },
      ]);
  });
});

describe('the roles', () => {
  it.each([
    ['sluice_process', 'select from image_event'],
    ['sluice_api', 'delete from image_event'],
    ['sluice_relay', "update image_event set type = 'image.ready'"],
    ['sluice_relay', 'select from image'],
    ['sluice_sweep', 'update relay_lease set holder = null'],
  ])('%s may not: %s', async (role, statement) => {
    await expect(db.as(role).run((connection) => connection.query(statement))).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe('old events', () => {
  it('are removed in steps once they are sent, and never before', async () => {
    await db.admin.query('delete from image_event');
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await insertImage(db.admin, held()));
    await db.admin.query(
      `update image_event set time = now() - interval '8 days',
         sent_at = case when image_id <> all($1::uuid[]) then now() end where image_id <> $2`,
      [[ids[0]], ids[1]],
    );
    const remove = () =>
      db
        .as('sluice_sweep')
        .run((connection) => removeOldEvents(connection, { olderThanSeconds: 7 * 86_400, limit: 2 }));
    expect([await remove(), await remove(), await remove()]).toEqual([2, 1, 0]);
    const { rows } = await db.admin.query('select image_id as id from image_event');
    expect(rows.map(({ id }) => id).sort()).toEqual([ids[0], ids[1]].sort());
  });
});
