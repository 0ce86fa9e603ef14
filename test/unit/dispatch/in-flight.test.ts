import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryRequest } from '../../../lambda/domain/webhook.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { down, images, inFlight, insertEndpoint, ok, openDispatch, publish } from './test-dispatch.ts';

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

describe('what is out', () => {
  it('grows no more while a request to the endpoint is out for two seconds, until it has answered', async () => {
    const slow = await insertEndpoint(db);
    await publish(db, images(1));
    const dispatch = openDispatch(db);
    const [first] = await dispatch.due();
    await age('due_at', '3 seconds');
    const other = await insertEndpoint(db);
    await publish(db, images(2));
    const meanwhile = await dispatch.due();
    expect(meanwhile.map(({ endpoint }) => endpoint)).toEqual([other, other]);
    expect(await dispatch.settle([first as DeliveryRequest, ok])).toMatchObject([
      { endpoint: slow },
      { endpoint: slow },
    ]);
  });

  it('what has no result costs its own place, once its call must be over, and not the whole endpoint', async () => {
    await insertEndpoint(db);
    await publish(db, images(4 * inFlight));
    const dispatch = openDispatch(db);
    // All results but one come, and what they make room for is answered too.
    const [lost, ...answered] = await dispatch.due();
    expect(answered).toHaveLength(inFlight - 1);
    let next = await dispatch.settle(...answered.map((one) => [one, ok] as const));
    const ages: [seconds: number, taken: number][] = [];
    for (const [later, seconds] of [
      [3, 3],
      [11, 14],
      [11, 25],
      [94, 119],
      [50, 169],
    ] as const) {
      next = await dispatch.settle(...next.map((one) => [one, ok] as const));
      while (next.length > 0) next = await dispatch.settle(...next.map((one) => [one, ok] as const));
      await publish(db, images(2 * inFlight));
      await age('due_at', `${later} seconds`);
      next = await dispatch.due();
      ages.push([seconds, next.length]);
    }
    expect(ages).toEqual([
      [3, 0],
      [14, 0],
      [25, inFlight - 1],
      [119, inFlight - 1],
      [169, inFlight - 1],
    ]);
    expect(next.map(({ event }) => event)).not.toContain(lost?.event);
  });

  it('all of what has no result counts: an endpoint never has more out than its limit', async () => {
    await insertEndpoint(db);
    await publish(db, images(2 * inFlight));
    const dispatch = openDispatch(db);
    expect(await dispatch.due()).toHaveLength(inFlight);
    await age('due_at', '30 seconds');
    expect(await dispatch.due()).toEqual([]);
  });

  it('a failing endpoint with a request that has no result has no other one out', async () => {
    const id = await insertEndpoint(db);
    await publish(db, images(4));
    const dispatch = openDispatch(db);
    const [, ...failed] = await dispatch.due();
    await dispatch.settle(...failed.map((one) => [one, down] as const));
    await age('due_at', '30 seconds');
    expect(await dispatch.due()).toEqual([]);
    await db.admin.query('update webhook_endpoint set failures = 0 where id = $1', [id]);
    expect(await dispatch.due()).toHaveLength(inFlight - 1);
  });

  it('is bounded for each endpoint, however many executions take at once', async () => {
    const ids = await Promise.all(['a', 'b'].map(() => insertEndpoint(db)));
    await publish(db, images(20));
    const both = await Promise.all([openDispatch(db), openDispatch(db)].map((one) => one.due()));
    const requests = both.flat();
    for (const id of ids) expect(requests.filter(({ endpoint }) => endpoint === id)).toHaveLength(inFlight);
    expect(new Set(requests.map(({ endpoint, event }) => endpoint + event)).size).toBe(2 * inFlight);
  });

  it('a result makes room for the next one', async () => {
    await insertEndpoint(db);
    await publish(db, images(5));
    const dispatch = openDispatch(db);
    const [first] = await dispatch.due();
    expect(await dispatch.due()).toEqual([]);
    expect(first && (await dispatch.settle([first, ok]))).toHaveLength(1);
  });

  it('a failing endpoint has one out, and the others have what they had', async () => {
    const bad = await insertEndpoint(db);
    const good = await insertEndpoint(db);
    await publish(db, images(10));
    const dispatch = openDispatch(db);
    const out = await dispatch.due();
    const failed = out.filter(({ endpoint }) => endpoint === bad);
    const next = await dispatch.settle(...failed.map((one) => [one, down] as const));
    expect(next.map(({ endpoint }) => endpoint)).toEqual([bad]);
    const delivered = out.filter(({ endpoint }) => endpoint === good);
    const more = await dispatch.settle(...delivered.map((one) => [one, ok] as const));
    expect(more.map(({ endpoint }) => endpoint)).toEqual([good, good, good]);
  });

  it('more endpoints than one statement takes all get theirs', async () => {
    for (let n = 0; n < 50; n += 1) await insertEndpoint(db);
    await publish(db, images(4));
    expect(await openDispatch(db).due()).toHaveLength(50 * inFlight);
  });

  it('what SQS does not accept is due again at once', async () => {
    await insertEndpoint(db);
    await publish(db, images(2));
    const dispatch = openDispatch(db);
    dispatch.state.accepts = () => false;
    expect(await dispatch.due()).toEqual([]);
    expect(dispatch.nudges).toEqual([{ body: '{"v":1,"kind":"due"}' }]);
    dispatch.state.accepts = () => true;
    expect((await dispatch.due()).map(({ attempt }) => attempt)).toEqual([1, 1]);
  });
});
