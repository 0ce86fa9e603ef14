import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
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
describe('results that the database does not take at once', () => {
  /** Fails the first transactions, which are those of results; `after`: the answer to the commit is lost. */
  async function failing(times: number, error: Error, { after = false } = {}) {
    const endpoint = await insertEndpoint(db);
    await publish(db, images(2));
    const dispatch = openDispatch(db);
    const [request] = await dispatch.due();
    if (request === undefined) throw new Error('nothing was due');
    let tries = 0;
    dispatch.state.transacts = async (run) => {
      tries += 1;
      if (tries > times) return run();
      if (after) await run();
      throw error;
    };
    return { endpoint, dispatch, request, tries: () => tries };
  }
  const away = new TransientFailure('database_unavailable', '40P01');

  it('are recorded again in the invocation, and make room at once', async () => {
    const { dispatch, request } = await failing(2, away);
    await publish(db, images(inFlight));
    // One of the two is still out.
    expect(await dispatch.settle([request, ok])).toHaveLength(inFlight - 1);
    expect((await states()).filter((state) => state === 'delivered')).toHaveLength(1);
    expect(dispatch.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { code: 'database_unavailable', tries: 1 } }),
    );
  });

  it('count once if only the answer to the commit was lost', async () => {
    const { endpoint, dispatch, request } = await failing(1, away, { after: true });
    await dispatch.settle([request, down]);
    expect(await row('failures', endpoint)).toEqual({ failures: 1 });
    expect(await states()).toEqual(['pending', 'sent']);
  });

  it('return to the queue after three tries', async () => {
    const { dispatch, request, tries } = await failing(9, away);
    await expect(dispatch.settle([request, ok])).rejects.toThrow('40P01');
    expect(tries()).toBe(3);
  });

  it('return at once if another try cannot help', async () => {
    const { dispatch, request, tries } = await failing(9, new Error('a column is missing'));
    await expect(dispatch.settle([request, ok])).rejects.toThrow('a column is missing');
    expect(tries()).toBe(1);
  });

  it('return when the time is over', async () => {
    const { dispatch, request, tries } = await failing(9, away);
    // Eight seconds are kept for the rest of the invocation.
    dispatch.state.remainingMs = 8_010;
    await expect(dispatch.settle([request, ok])).rejects.toThrow('40P01');
    expect(tries()).toBe(1);
  });
});
