import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import type { Sink } from '../../../lambda/relay/sink.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { recordingLog } from '../process/test-worker.ts';
import { clear, insertImages, openRelay, openSink, readLease } from './test-relay.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(() => clear(db));

describe('the next run', () => {
  const nudge = (delaySeconds: number) => [{ body: '{}', delaySeconds }];

  it('begins at the end of a pause, and what comes in the pause begins none', async () => {
    const { nudges, relay } = openRelay(db);
    await insertImages(db, 1);
    let away = true;
    const sink = openSink('eventBridge', () => !away);
    const delays: unknown[] = [];
    for (let run = 1; run <= 8; run += 1) {
      nudges.length = 0;
      expect(await relay([sink])).toMatchObject({ end: 'stalled' });
      expect(nudges).toEqual([{ body: '{}', delaySeconds: expect.any(Number) }]);
      delays.push(nudges[0]?.delaySeconds);
      // Not before the pause is over, or it would be spent.
      expect((await readLease(db)).left).toBeLessThanOrEqual(Number(nudges[0]?.delaySeconds));
      if (run === 8) expect(await relay([sink])).toMatchObject({ end: 'busy' });
      expect(nudges).toHaveLength(1);
      await db.admin.query('update relay_lease set held_until = now()');
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 45, 45]);
    nudges.length = 0;
    away = false;
    expect(await relay([sink])).toMatchObject({ sent: 2, end: 'drained' });
    expect(nudges).toEqual([]);
  });

  it('begins at once if the time was over before the events were, unless nothing could be sent', async () => {
    const { nudges, relay } = openRelay(db);
    await insertImages(db, 150);
    let calls = 0;
    // Of one batch.
    const remaining = () => (calls++ === 0 ? 60_000 : 14_000);
    expect(await relay([openSink('kafka')], remaining)).toMatchObject({ sent: 200, end: 'out_of_time' });
    expect(nudges).toEqual(nudge(0));
    nudges.length = 0;
    expect(await relay([openSink('kafka')], () => 14_000)).toMatchObject({ sent: 0, end: 'out_of_time' });
    expect(nudges).toEqual([]);
  });

  it('begins at the end of the lease if an error kept this one from ending it', async () => {
    const { nudges, relay } = openRelay(db);
    await insertImages(db, 1);
    const broken: Sink = {
      name: 'kafka',
      async send() {
        throw new Error('a mistake');
      },
    };
    await expect(relay([broken])).rejects.toThrow('a mistake');
    expect(nudges).toEqual(nudge(20));
    expect((await readLease(db)).left).toBeLessThanOrEqual(20);
    expect(await relay([])).toEqual({ sent: 0, end: 'busy' });
  });

  it('is the schedule’s if the nudge is not accepted', async () => {
    const { relay } = openRelay(db);
    await insertImages(db, 1);
    const log = recordingLog();
    const lost = { send: async () => new Map([[0, 'ServiceUnavailable']]) };
    const sink = openSink('eventBridge', () => false);
    expect(await relay([sink], undefined, { nudges: lost, log })).toMatchObject({ end: 'stalled' });
    expect(log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: { seconds: 1, reason: 'ServiceUnavailable' } }),
    );
  });

  it('does not begin where nobody takes the lease: a database that is away is not nudged for', async () => {
    const { nudges, relay } = openRelay(db);
    const database = {
      run: async () => {
        throw new TransientFailure('database_unavailable', 'away');
      },
      close: async () => {},
    };
    await expect(relay([], undefined, { database })).rejects.toThrow('away');
    expect(nudges).toEqual([]);
  });
});
