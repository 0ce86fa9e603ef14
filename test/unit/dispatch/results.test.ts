import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

const row = async (what: string, id: string) =>
  (await db.admin.query(`select ${what} from webhook_endpoint where id = $1`, [id])).rows[0];
const states = async () =>
  (await db.admin.query('select state from webhook_delivery order by event_id')).rows.map(
    ({ state }) => state,
  );
const heldSeconds = async (id: string) =>
  Number((await row('extract(epoch from held_until - now()) as seconds', id)).seconds);
const age = (column: string, interval: string) =>
  db.admin.query(`update webhook_delivery set ${column} = ${column} - interval '${interval}'`);

describe('results', () => {
  async function one() {
    const endpoint = await insertEndpoint(db);
    await publish(db, images(1));
    const dispatch = openDispatch(db);
    const [request] = await dispatch.due();
    if (request === undefined) throw new Error('nothing was due');
    return { endpoint, dispatch, request };
  }
  const pauseSeconds = async () =>
    Number(
      // From the time of the settlement, by the clock of the database.
      (await db.admin.query('select extract(epoch from due_at - updated_at) as pause from webhook_delivery'))
        .rows[0]?.pause,
    );

  it('a success ends the delivery', async () => {
    const { dispatch, request } = await one();
    await dispatch.settle([request, ok]);
    expect(await states()).toEqual(['delivered']);
    expect(dispatch.recorded).toEqual([
      { name: 'WebhookCalls', dimensions: { Result: 'delivered' }, value: 1 },
    ]);
  });

  it('a failure is tried again after its pause, for which dispatch sends itself a message', async () => {
    const { dispatch, request } = await one();
    expect(await dispatch.settle([request, { kind: 'response', status: 503 }])).toEqual([]);
    expect(await pauseSeconds()).toBeCloseTo(2.5, 0);
    expect(dispatch.nudges).toEqual([{ body: '{"v":1,"kind":"due"}', delaySeconds: 3 }]);
    await age('due_at', '10 seconds');
    expect(await dispatch.due()).toMatchObject([{ sending: 2, attempt: 2 }]);
  });

  it('Retry-After holds for all of the endpoint', async () => {
    const { endpoint, dispatch, request } = await one();
    await dispatch.settle([request, { kind: 'response', status: 429, retryAfter: '120' }]);
    expect(await pauseSeconds()).toBeCloseTo(120, 0);
    await publish(db, images(1));
    expect(await dispatch.due()).toEqual([]);
    await db.admin.query(`update webhook_endpoint set held_until = now() where id = $1`, [endpoint]);
    expect(await dispatch.due()).toHaveLength(1);
  });

  it.each([
    ['a success', ok],
    ['a failure without one', down],
    ['a shorter one', { kind: 'response', status: 503, retryAfter: '30' }],
    ['a response that has none', { kind: 'response', status: 500 }],
  ] as const)('%s of a request that was out does not shorten the Retry-After', async (_, later) => {
    const endpoint = await insertEndpoint(db);
    await publish(db, images(3));
    const dispatch = openDispatch(db);
    const [first, ...others] = await dispatch.due();
    if (first !== undefined)
      await dispatch.settle([first, { kind: 'response', status: 429, retryAfter: '600' }]);
    for (const other of others) await dispatch.settle([other, later]);
    expect(await heldSeconds(endpoint)).toBeGreaterThan(590);
    await publish(db, images(1));
    expect(await dispatch.due()).toEqual([]);
  });

  it('a longer Retry-After counts, and so does the longest of a batch', async () => {
    const endpoint = await insertEndpoint(db);
    await publish(db, images(3));
    const dispatch = openDispatch(db);
    const wait = (retryAfter: string) => ({ kind: 'response', status: 429, retryAfter }) as const;
    const [first, second, third] = await dispatch.due();
    if (first === undefined || second === undefined || third === undefined)
      throw new Error('too few are due');
    await dispatch.settle([first, wait('30')]);
    await dispatch.settle([second, wait('600')], [third, wait('60')]);
    expect(await heldSeconds(endpoint)).toBeGreaterThan(590);
  });

  it('one that repeats, or is of an earlier sending, changes nothing', async () => {
    const { endpoint, dispatch, request } = await one();
    await dispatch.settle([request, down]);
    await dispatch.settle([request, down], [request, ok]);
    expect(await states()).toEqual(['pending']);
    expect(await row('failures', endpoint)).toEqual({ failures: 1 });
  });

  it('a late one of a sending before the one that is out changes nothing', async () => {
    const { dispatch, request } = await one();
    await age('due_at', '181 seconds');
    const [second] = await dispatch.due();
    expect(second?.sending).toBe(2);
    await dispatch.settle([request, ok]);
    expect(await states()).toEqual(['sent']);
    expect(dispatch.recorded).toEqual([]);
    if (second !== undefined) await dispatch.settle([second, ok]);
    expect(await states()).toEqual(['delivered']);
  });

  it('a stale request is due again at once and counts nowhere', async () => {
    const { endpoint, dispatch, request } = await one();
    expect(await dispatch.settle([request, { kind: 'stale' }])).toMatchObject([{ sending: 2, attempt: 1 }]);
    expect(await row('failures', endpoint)).toEqual({ failures: 0 });
  });

  it('a request without result is due again after three minutes', async () => {
    const { dispatch } = await one();
    await age('due_at', '170 seconds');
    expect(await dispatch.due()).toEqual([]);
    await age('due_at', '11 seconds');
    expect(await dispatch.due()).toMatchObject([{ sending: 2, attempt: 1 }]);
  });

  it('after a day the delivery is dead', async () => {
    const { dispatch, request } = await one();
    await age('since', '24 hours');
    await dispatch.settle([request, down]);
    expect(await states()).toEqual(['dead']);
    expect(dispatch.recorded).toContainEqual({ name: 'WebhookDeliveriesDead', dimensions: {}, value: 1 });
  });

  it('the schedule gives up what waited for a day', async () => {
    const endpoint = await insertEndpoint(db);
    await db.admin.query(
      `update webhook_endpoint set state = 'paused', held_until = now() + interval '1 hour' where id = $1`,
      [endpoint],
    );
    await publish(db, images(2));
    await db.admin.query(`update webhook_delivery set since = now() - interval '25 hours'
      where event_id = (select event_id from webhook_delivery order by event_id limit 1)`);
    const dispatch = openDispatch(db);
    await dispatch.due();
    expect(await states()).toEqual(['pending', 'pending']);
    await dispatch.tick();
    expect(await states()).toEqual(['dead', 'pending']);
  });

  it('the schedule gives up what was sent and has no result, also of a disabled endpoint', async () => {
    const { endpoint, dispatch, request } = await one();
    await db.admin.query(`update webhook_endpoint set state = 'disabled', reason = 'owner' where id = $1`, [
      endpoint,
    ]);
    await age('due_at', '181 seconds');
    await age('since', '23 hours');
    await dispatch.tick();
    expect(await states()).toEqual(['sent']);
    await age('since', '1 hour');
    await dispatch.tick();
    expect(await states()).toEqual(['dead']);
    expect(dispatch.recorded).toContainEqual({ name: 'WebhookDeliveriesDead', dimensions: {}, value: 1 });
    await dispatch.settle([request, ok]);
    expect(await states()).toEqual(['dead']);
  });

  it('not what is still out, whose result counts', async () => {
    const { dispatch, request } = await one();
    await age('since', '25 hours');
    await dispatch.tick();
    expect(await states()).toEqual(['sent']);
    await dispatch.settle([request, ok]);
    expect(await states()).toEqual(['delivered']);
  });

  it('messages that are none are dropped, the others count', async () => {
    const { dispatch, request } = await one();
    const { endpoint, event, sending, attempt } = request;
    const good = JSON.stringify({ v: 1, kind: 'result', endpoint, event, sending, attempt, outcome: ok });
    await dispatch.invoke({ Records: [{ body: '{' }, { body: '{"v":2,"kind":"due"}' }, { body: good }] });
    expect(await states()).toEqual(['delivered']);
    expect(dispatch.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: { count: 2 } }),
    );
  });
});

describe('a dead endpoint', () => {
  async function paused() {
    const endpoint = await insertEndpoint(db);
    await publish(db, images(20));
    const dispatch = openDispatch(db);
    let out = await dispatch.due();
    let calls = 0;
    while (out.length > 0) {
      calls += out.length;
      out = await dispatch.settle(...out.map((one) => [one, down] as const));
    }
    return { endpoint, dispatch, calls };
  }
  const held = (endpoint: string) =>
    db.admin.query('update webhook_endpoint set held_until = now() where id = $1', [endpoint]);

  it('is paused after ten failures in a row', async () => {
    const { endpoint, dispatch, calls } = await paused();
    expect(calls).toBe(10);
    expect(await row('state, reason, failures', endpoint)).toEqual({
      state: 'paused',
      reason: 'failures',
      failures: 10,
    });
    expect(dispatch.recorded).toContainEqual({ name: 'WebhooksStopped', dimensions: {}, value: 1 });
    expect(await dispatch.due()).toEqual([]);
  });

  it('is probed with one delivery, and sleeps longer after each that fails', async () => {
    const { endpoint, dispatch } = await paused();
    await held(endpoint);
    const [probe, ...others] = await dispatch.due();
    expect(others).toEqual([]);
    expect(probe && (await dispatch.settle([probe, down]))).toEqual([]);
    const { seconds } = await row('extract(epoch from held_until - now())::integer as seconds', endpoint);
    // 60 s, of which a half is random.
    expect(seconds).toBeGreaterThan(40);
    expect(seconds).toBeLessThan(50);
  });

  it('its pause does not begin before the end of a Retry-After, and a success ends both', async () => {
    const endpoint = await insertEndpoint(db);
    await publish(db, images(2));
    const dispatch = openDispatch(db);
    const [first, late] = await dispatch.due();
    await db.admin.query('update webhook_endpoint set failures = 8 where id = $1', [endpoint]);
    if (first !== undefined)
      await dispatch.settle([first, { kind: 'response', status: 429, retryAfter: '600' }]);
    await db.admin.query('update webhook_endpoint set failures = 9 where id = $1', [endpoint]);
    if (late !== undefined) await dispatch.settle([late, down]);
    expect(await row('state', endpoint)).toEqual({ state: 'paused' });
    expect(await heldSeconds(endpoint)).toBeGreaterThan(590);
    await held(endpoint);
    const [probe] = await dispatch.due();
    if (probe !== undefined) await dispatch.settle([probe, ok]);
    expect(await row('state, held_until', endpoint)).toEqual({ state: 'active', held_until: null });
  });

  it('a probe that succeeds resumes it, and all that waited is sent within a minute', async () => {
    const { endpoint, dispatch } = await paused();
    // The pauses of what was tried have grown to hours.
    await db.admin.query(
      `update webhook_delivery set due_at = now() + interval '3 hours' where attempts > 0`,
    );
    await held(endpoint);
    const [probe] = await dispatch.due();
    const next = probe && (await dispatch.settle([probe, ok]));
    expect(next).toHaveLength(inFlight);
    expect(await row('state, failures', endpoint)).toEqual({ state: 'active', failures: 0 });
    const { rows } = await db.admin.query(
      `select count(*)::integer as late from webhook_delivery where state = 'pending' and due_at > now() + interval '60 seconds'`,
    );
    expect(rows).toEqual([{ late: 0 }]);
  });

  it('a 410 disables it: nothing more is sent or made', async () => {
    const endpoint = await insertEndpoint(db);
    await publish(db, images(5));
    const dispatch = openDispatch(db);
    const [first] = await dispatch.due();
    expect(first && (await dispatch.settle([first, { kind: 'response', status: 410 }]))).toEqual([]);
    expect(await row('state, reason', endpoint)).toEqual({ state: 'disabled', reason: 'gone' });
    expect(await publish(db, images(1))).toBe(0);
  });
});
