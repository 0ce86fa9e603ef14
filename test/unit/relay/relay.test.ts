import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ImageEvent } from '../../../lambda/domain/event.ts';
import { takeRelayLease } from '../../../lambda/postgres/events/relay-lease.ts';
import { eventLag } from '../../../lambda/postgres/events/unsent.ts';
import type { Dependencies } from '../../../lambda/relay/dependencies.ts';
import type { Sink } from '../../../lambda/relay/sink.ts';
import { recordMetrics } from '../../support/metrics.ts';
import { openTestDb, type TestDb } from '../postgres/rows.ts';
import { recordingLog } from '../process/test-worker.ts';
import { clear, insertImages, openRelay, openSink, readLease } from './test-relay.ts';

let db: TestDb;
beforeAll(async () => {
  db = await openTestDb();
});
afterAll(() => db.close());
beforeEach(() => clear(db));

const relay = (...run: Parameters<ReturnType<typeof openRelay>['relay']>) => openRelay(db).relay(...run);
const images = (count: number) => insertImages(db, count);
const lease = () => readLease(db);
const keys = (events: readonly ImageEvent[]) =>
  events.map(({ subject, sequence }) => `${subject} ${sequence}`);
/** Sequence numbers by image, in the order in which a sink saw them. */
const orders = (events: readonly ImageEvent[]) =>
  Map.groupBy(events, ({ subject }) => subject)
    .values()
    .map((of) => of.map(({ sequence }) => sequence).join())
    .toArray();
const lag = () => db.as('sluice_relay').run((connection) => eventLag(connection));
const now = async (): Promise<number> =>
  (await db.admin.query('select extract(epoch from clock_timestamp())::float8 as now')).rows[0].now;

describe('the relay', () => {
  it('sends every event once to every sink, in order within each image, and is not behind then', async () => {
    const ids = await images(250);
    const sinks = [openSink('eventBridge'), openSink('kafka')];
    expect(await relay(sinks)).toEqual({ sent: 500, end: 'drained', lag: { count: 0, oldestSeconds: 0 } });
    for (const { seen } of sinks) {
      expect(new Set(keys(seen)).size).toBe(500);
      expect(orders(seen)).toEqual(ids.map(() => '1,2'));
    }
    expect(await relay(sinks)).toMatchObject({ sent: 0 });
    expect(sinks.map(({ seen }) => seen.length)).toEqual([500, 500]);
  });

  it('without sinks takes events as sent', async () => {
    await images(3);
    expect(await relay([])).toMatchObject({ sent: 6, end: 'drained' });
  });

  it('sends nothing of an image after an event that a sink refused, and all of the others', async () => {
    const [bad = '', ...good] = await images(120);
    let recovered = false;
    const sink = openSink('eventBridge', ({ subject }) => recovered || subject !== bad);
    expect(await relay([sink])).toMatchObject({ sent: 238, end: 'drained', lag: { count: 2 } });
    expect(orders(sink.seen)).toEqual(good.map(() => '1,2'));
    recovered = true;
    expect(await relay([sink])).toMatchObject({ sent: 2, lag: { count: 0 } });
    expect(keys(sink.seen.slice(-2))).toEqual([`${bad} 1`, `${bad} 2`]);
  });

  it('takes no sink for away because an event waits for a refused one of its image', async () => {
    const [bad = ''] = await images(210);
    // Behind the first batch, which has refused the first event.
    await db.admin.query("update image_event set position = default where image_id = $1 and sequence = '2'", [
      bad,
    ]);
    const sink = openSink('eventBridge', ({ subject }) => subject !== bad);
    expect(await relay([sink])).toMatchObject({ sent: 418, end: 'drained', lag: { count: 2 } });
    expect((await lease()).stalls).toBe(0);
  });

  it('tries a refused event once a run, not until the time is over', async () => {
    const [bad] = await images(2);
    await db.admin.query("update image set status = 'queued' where id = $1", [bad]);
    const sink = openSink('eventBridge', ({ subject }) => subject !== bad);
    await relay([sink]);
    expect(sink.calls).toBe(1);
  });

  it('stops at a sink that is away, waits longer each time, and sends to it alone what the others have', async () => {
    await images(150);
    const well = openSink('kafka');
    let away = true;
    const ill = openSink('eventBridge', () => !away);
    const stalls: number[] = [];
    for (const most of [1, 2, 4]) {
      const { metrics, recorded } = recordMetrics();
      const before = await now();
      expect(await relay([ill, well], undefined, { metrics })).toMatchObject({
        sent: 0,
        end: 'stalled',
        lag: { count: 300 },
      });
      expect(recorded.filter(({ name }) => name === 'SinkAway')).toEqual([
        { name: 'SinkAway', dimensions: { Sink: 'eventBridge' }, value: 1 },
      ]);
      // Since before the run and until now, however long the run and the reading took.
      const { left, until, ...rest } = await lease();
      expect(until - before).toBeGreaterThan(most - 0.01);
      expect(left).toBeLessThanOrEqual(most);
      stalls.push(rest.stalls);
      // A nudge in the pause.
      await db.admin.query("update relay_lease set held_until = now() + interval '1 minute'");
      expect(await relay([ill, well])).toEqual({ sent: 0, end: 'busy' });
      await db.admin.query('update relay_lease set held_until = now()');
    }
    expect(stalls).toEqual([1, 2, 3]);
    expect(ill.calls).toBe(3);
    // What it took before the other was tried, once.
    expect(new Set(keys(well.seen)).size).toBe(well.seen.length);
    away = false;
    expect(await relay([ill, well])).toMatchObject({ sent: 300, end: 'drained' });
    for (const { seen } of [ill, well]) {
      expect(seen.length).toBe(300);
      expect(orders(seen)).toEqual(Array.from({ length: 150 }, () => '1,2'));
    }
    expect((await lease()).stalls).toBe(0);
  });
});

describe('an event that a sink refuses for good', () => {
  /** Refuses the events of an image, or only its first one. */
  const strict = (bad: string, only?: string) => {
    const sink = openSink('kafka');
    const { send } = sink;
    sink.send = async (events, signal) => {
      const isBad = ({ subject, sequence }: ImageEvent) => subject === bad && (only ?? sequence) === sequence;
      const others = events.filter((event) => !isBad(event));
      const answers = await send(others, signal);
      return events.map((event) =>
        isBad(event) ? { refused: 'event_too_large' } : (answers[others.indexOf(event)] ?? false),
      );
    };
    return sink;
  };

  it('is parked, visible, and keeps nothing from its way, not even later events of its image', async () => {
    const [bad = ''] = await images(3);
    const { metrics, recorded } = recordMetrics();
    const log = recordingLog();
    const parked: unknown[] = [];
    const park: Dependencies['park'] = async (refused) => {
      parked.push(...refused.map(({ sink, code, event }) => [sink, code, event.subject, event.sequence]));
      return refused.map(() => true);
    };
    const sink = strict(bad, '1');
    const report = await relay([sink, openSink('webhooks')], undefined, { metrics, log, park });
    expect(report).toMatchObject({ sent: 6, end: 'drained', lag: { count: 0 } });
    expect(parked).toEqual([['kafka', 'event_too_large', bad, '1']]);
    expect(orders(sink.seen).toSorted()).toEqual(['1,2', '1,2', '2']);
    expect(recorded).toContainEqual({ name: 'EventsRefused', dimensions: { Sink: 'kafka' }, value: 1 });
    expect(JSON.stringify(log.lines)).toContain('event_too_large');
  });

  it('does not pause the relay if it is the only one, nor if it cannot be parked', async () => {
    const [bad = ''] = await images(1);
    const sink = strict(bad);
    const park: Dependencies['park'] = async (refused) => refused.map(() => false);
    expect(await relay([sink], undefined, { park })).toMatchObject({
      sent: 0,
      end: 'drained',
      lag: { count: 2 },
    });
    expect((await lease()).stalls).toBe(0);
    expect(await relay([sink])).toMatchObject({ sent: 2, end: 'drained', lag: { count: 0 } });
  });
});

describe('the lease of the relay', () => {
  it('keeps a second relay from work, and none that follows', async () => {
    await images(1);
    const sink = openSink('kafka');
    await db.as('sluice_relay').run((connection) => takeRelayLease(connection, randomUUID(), 60));
    expect(await relay([sink])).toEqual({ sent: 0, end: 'busy' });
    await db.admin.query('update relay_lease set held_until = now()');
    expect(await relay([sink])).toMatchObject({ sent: 2 });
    expect(await lease()).toMatchObject({ holder: null });
  });

  it('of several at once lets one through', async () => {
    const takes = await Promise.all(
      Array.from({ length: 5 }, () =>
        db.as('sluice_relay').run((connection) => takeRelayLease(connection, randomUUID(), 60)),
      ),
    );
    expect(takes.filter((taken) => taken !== undefined)).toEqual([{ stalls: 0 }]);
  });

  it('lets a relay that lost it record nothing', async () => {
    await images(1);
    const slow: Sink = {
      name: 'kafka',
      async send(events) {
        await db.admin.query(
          "update relay_lease set holder = gen_random_uuid(), held_until = now() + interval '1 h'",
        );
        return events.map(() => true);
      },
    };
    expect(await relay([slow])).toMatchObject({ sent: 0, end: 'lease_lost', lag: { count: 2 } });
    // Nor does it end the other's.
    expect((await lease()).left).toBeGreaterThan(60);
  });

  it('is looked behind: an event whose nudge was turned away is sent by the relay that was at work', async () => {
    await images(1);
    let late = 0;
    const sink = openSink('kafka');
    const busy: Sink = {
      name: 'kafka',
      async send(events, signal) {
        const answers = await sink.send(events, signal);
        // After the last reading of this round: the batch was not full.
        if (late++ === 0) {
          await images(1);
          expect(await relay([sink])).toMatchObject({ end: 'busy' });
        }
        return answers;
      },
    };
    expect(await relay([busy])).toMatchObject({ sent: 4, lag: { count: 0 } });
  });

  it('is held by whoever has the last connection', async () => {
    // Of the database, because the role's is that of all tests.
    await db.admin.query(`alter database ${db.address.name} connection limit 0`);
    try {
      expect(await relay([])).toEqual({ sent: 0, end: 'busy' });
    } finally {
      await db.admin.query(`alter database ${db.address.name} connection limit -1`);
    }
  });

  it('ends with a batch that would not fit into the invocation', async () => {
    await images(1);
    expect(await relay([openSink('kafka')], () => 14_000)).toMatchObject({ sent: 0, end: 'out_of_time' });
    expect(await lag()).toMatchObject({ count: 2 });
    expect((await lease()).holder).toBeNull();
  });
});
