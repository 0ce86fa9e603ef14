import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { secretOf } from '../../../lambda/domain/webhook-secret.ts';
import { editEndpoint } from '../../../lambda/postgres/webhooks/endpoints.ts';
import { recordHealth } from '../../../lambda/postgres/webhooks/settle.ts';
import { isSigned } from '../../support/https-receiver.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { down, eventOf, images, insertEndpoint, ok, openDispatch, publish, secret } from './test-dispatch.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.admin.query('truncate webhook_delivery, webhook_endpoint');
});

const age = (column: string, interval: string) =>
  db.admin.query(`update webhook_delivery set ${column} = ${column} - interval '${interval}'`);

describe('fan out', () => {
  it('makes a delivery for each endpoint of the tenant that wants the event, once', async () => {
    const all = await insertEndpoint(db);
    const ready = await insertEndpoint(db, { types: ['image.ready'] });
    await insertEndpoint(db, { types: ['image.failed'] });
    await insertEndpoint(db, { tenant: 'beta' });
    const gone = await insertEndpoint(db);
    await db.admin.query('update webhook_endpoint set deleted_at = now() where id = $1', [gone]);
    const off = await insertEndpoint(db);
    await db.admin.query(`update webhook_endpoint set state = 'disabled' where id = $1`, [off]);
    const events = images(2);
    expect(await publish(db, events)).toBe(4);
    expect(await publish(db, events)).toBe(0);
    const { rows } = await db.admin.query('select distinct endpoint_id as id from webhook_delivery');
    expect(rows.map(({ id }) => id).sort()).toEqual([all, ready].sort());
  });

  it('in a pause an endpoint gets only so many deliveries, and what it missed is counted', async () => {
    const [dead, well, other] = [
      await insertEndpoint(db),
      await insertEndpoint(db),
      await insertEndpoint(db),
    ];
    await db.admin.query(`update webhook_endpoint set state = 'paused' where id = any($1::uuid[])`, [
      [dead, other],
    ]);
    const [first = [], second = [], third = []] = [images(3), images(2), images(2)];
    await publish(db, first, 3);
    // Another pause, after one that has ended.
    const dispatch = db.as('sluice_dispatch');
    for (const state of ['active', 'paused'] as const)
      await dispatch.run((connection) =>
        recordHealth(connection, new Map([[other, { state, reason: null, failures: 0, holdSeconds: 0 }]])),
      );
    await dispatch.close();
    expect(await publish(db, second, 3)).toBe(4);
    expect(await publish(db, third, 3)).toBe(4);
    const { rows } = await db.admin.query(
      `select id, missed::integer, (select count(*)::integer from webhook_delivery where endpoint_id = id) as made
       from webhook_endpoint`,
    );
    expect(new Map(rows.map(({ id, missed, made }) => [id, [made, missed]]))).toEqual(
      new Map([
        [dead, [3, 4]],
        [well, [7, 0]],
        [other, [7, 0]],
      ]),
    );
    // Once it is active again it gets what comes.
    await db.admin.query(`update webhook_endpoint set state = 'active'`);
    expect(await publish(db, images(1), 3)).toBe(3);
  });

  it('a pause has its own count, also after its owner ended one by disabling and enabling the endpoint', async () => {
    const id = await insertEndpoint(db);
    const [api, dispatch] = [db.as('sluice_api'), db.as('sluice_dispatch')];
    const pause = () =>
      dispatch.run((connection) =>
        recordHealth(
          connection,
          new Map([[id, { state: 'paused', reason: 'failures', failures: 10, holdSeconds: 30 }]]),
        ),
      );
    const enable = (enabled: boolean, revision: number) =>
      api.run((connection) =>
        editEndpoint(
          connection,
          { tenant: 'alpha', id },
          { url: 'https://hooks.example.com/', types: [], description: '', enabled, revision },
        ),
      );
    await pause();
    expect(await publish(db, images(3), 3)).toBe(3);
    // A probe that fails does not begin a pause.
    await pause();
    expect(await publish(db, images(1), 3)).toBe(0);
    expect(await enable(false, 1)).toMatchObject({ state: 'disabled' });
    expect(await enable(true, 2)).toMatchObject({ state: 'active', missed: 1 });
    await pause();
    expect(await publish(db, images(3), 3)).toBe(3);
    await Promise.all([api.close(), dispatch.close()]);
  });

  it('an endpoint gets no event from before it was made', async () => {
    await insertEndpoint(db);
    const time = new Date(Date.now() - 7_200_000).toISOString();
    expect(await publish(db, [eventOf(randomUUID(), 1, { time })])).toBe(0);
  });
});

describe('a request', () => {
  it('is the event, signed with the secret', async () => {
    await insertEndpoint(db, { url: 'https://hooks.example.com/a?b=c' });
    const [event] = images(1);
    await publish(db, event === undefined ? [] : [event]);
    const [request] = await openDispatch(db).due();
    expect(JSON.parse(request?.body ?? '')).toEqual(event);
    expect(request).toMatchObject({
      v: 1,
      event: event?.id,
      sending: 1,
      attempt: 1,
      url: 'https://hooks.example.com/a?b=c',
    });
    expect(request?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=utf-8',
      'webhook-id': event?.id,
    });
    const received = { path: '', headers: request?.headers ?? {}, body: request?.body ?? '', at: 0 };
    expect(isSigned(received, secret)).toBe(true);
    expect(isSigned({ ...received, body: `${received.body} ` }, secret)).toBe(false);
  });

  it('has two signatures until the end of a rotation, then one', async () => {
    const id = await insertEndpoint(db);
    const next = secretOf(Buffer.alloc(24, 9));
    await db.admin.query(
      `update webhook_endpoint set previous_secret = secret, secret = $1, previous_until = now() + interval '1 hour'`,
      [next],
    );
    await publish(db, images(1));
    const dispatch = openDispatch(db);
    const [first] = await dispatch.due();
    const received = { path: '', headers: first?.headers ?? {}, body: first?.body ?? '', at: 0 };
    expect([secret, next].map((one) => isSigned(received, one))).toEqual([true, true]);
    await db.admin.query(`update webhook_endpoint set previous_until = now() where id = $1`, [id]);
    await publish(db, images(1));
    const [second] = await dispatch.due();
    expect(second?.headers['webhook-signature']?.split(' ')).toHaveLength(1);
  });

  it('is not sent for a deleted or disabled endpoint', async () => {
    const id = await insertEndpoint(db);
    await publish(db, images(1));
    await db.admin.query(`update webhook_endpoint set state = 'disabled' where id = $1`, [id]);
    const dispatch = openDispatch(db);
    expect(await dispatch.due()).toEqual([]);
    await db.admin.query(`update webhook_endpoint set state = 'active', deleted_at = now() where id = $1`, [
      id,
    ]);
    expect(await dispatch.due()).toEqual([]);
  });
});

describe('order', () => {
  it('an event waits for the earlier one of its image, and no other image for it', async () => {
    await insertEndpoint(db);
    const image = randomUUID();
    const events = [eventOf(image, 1), eventOf(image, 2), eventOf(randomUUID(), 1)];
    await publish(db, events);
    const dispatch = openDispatch(db);
    const first = await dispatch.due();
    expect(first.map(({ event }) => event)).toEqual([events[0]?.id, events[2]?.id]);
    const [one] = first;
    expect((one && (await dispatch.settle([one, ok])))?.map(({ event }) => event)).toEqual([events[1]?.id]);
  });

  it('it overtakes one that has failed for five minutes, not before', async () => {
    await insertEndpoint(db);
    const image = randomUUID();
    const events = [eventOf(image, 1), eventOf(image, 2)];
    await publish(db, events);
    const dispatch = openDispatch(db);
    const [first] = await dispatch.due();
    if (first !== undefined) await dispatch.settle([first, down]);
    await age('failed_since', '299 seconds');
    expect(await dispatch.due()).toEqual([]);
    await age('failed_since', '2 seconds');
    expect((await dispatch.due()).map(({ event }) => event)).toEqual([events[1]?.id]);
  });
});
