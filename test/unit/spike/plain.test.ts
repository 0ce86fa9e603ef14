import type pg from 'pg';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { addLate, lateAt } from '../../../bench/spike/late.ts';
import { Executions } from '../../../bench/spike/plain/executions.ts';
import { BadImage, makeVariants } from '../../../bench/spike/plain/job.ts';
import { nextExecutions } from '../../../bench/spike/plain/mapping.ts';
import {
  fates,
  greatestAges,
  latencies,
  lateTimes,
  type PlainImage,
} from '../../../bench/spike/plain/outcome.ts';
import { startChild } from '../../../bench/spike/plain/parts.ts';
import { plainSettings } from '../../../bench/spike/plain/settings.ts';
import type { PlainQueue, Received } from '../../../bench/spike/plain/sqs-client.ts';
import { report } from '../../../bench/spike/report.ts';
import type { DesignRun, Sample } from '../../../bench/spike/result.ts';
import { thinned } from '../../../bench/spike/thin.ts';
import { patience } from '../../support/pace.ts';
import { madeUpResult } from './made-up-result.ts';

const image = (id: string, rest: Partial<PlainImage> = {}): PlainImage => ({
  ...{ id, tenant: 't0', status: 'queued', askedAt: 0, createdAt: 0 },
  ...rest,
});
const sampleAt = (at: number, rest: Partial<Sample> = {}) =>
  ({ at, connections: {}, executions: 0, ...rest }) as Sample;

describe('the plain design', () => {
  it('a job is 13 single statements, and the writes are one transaction', async () => {
    const statements: string[] = [];
    const client = { query: async (text: string) => statements.push(text) } as unknown as pg.Client;
    await makeVariants(client, { imageId: 'a', poison: false }, 0);
    expect(statements.length).toBe(13);
    expect(statements.at(3)).toBe('begin');
    expect(statements.at(-1)).toBe('commit');
  });

  it('an image that cannot be decoded fails before anything of it is written', async () => {
    const statements: string[] = [];
    const client = { query: async (text: string) => statements.push(text) } as unknown as pg.Client;
    await expect(makeVariants(client, { imageId: 'a', poison: true }, 0)).rejects.toThrow(BadImage);
    expect(statements.filter((text) => text.startsWith('insert'))).toEqual([]);
  });

  it.each([true, false])('the function ends before its message returns (quick: %s)', (quick) => {
    const { timeoutSeconds, visibilitySeconds, jobSeconds } = plainSettings(quick, 9);
    expect(timeoutSeconds).toBeLessThanOrEqual(visibilitySeconds);
    // A job is done in time, even if it takes ten times as long.
    expect(jobSeconds * 10).toBeLessThan(timeoutSeconds);
  });
});

describe('the executions of the plain design', () => {
  /** A queue with so many messages, and none that returns. */
  function running(waiting: number) {
    const received: number[] = [];
    const deleted: number[] = [];
    const queue = {
      async receive(max: number): Promise<Received[]> {
        received.push(max);
        return Array.from({ length: Math.min(max, waiting) }, () => {
          waiting--;
          return { ReceiptHandle: 'r', Body: JSON.stringify({ imageId: 'a', poison: false }) };
        });
      },
      delete: async (messages: readonly Received[]) => void deleted.push(messages.length),
    };
    return { queue: queue as unknown as PlainQueue, received, deleted };
  }
  const database = { host: '127.0.0.1', port: 1 };

  it('each message of a receive starts one, as far as their number allows, and a failed one is not deleted', async () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { queue, received, deleted } = running(100);
    const executions = new Executions(queue, { database, jobSeconds: 1, timeoutSeconds: 9 });
    executions.scale(24);
    await vi.advanceTimersByTimeAsync(20);
    expect(executions.counts.executions).toBe(24);
    expect(received).toEqual([10, 10, 4]);
    await vi.advanceTimersByTimeAsync(60);
    expect(received.length).toBe(3);
    // Their slots are free again when they have failed: nothing listens on the port.
    await vi.waitFor(() => expect(executions.counts.failedInvocations).toBe(100), patience(10_000));
    expect(executions.counts).toMatchObject({ executions: 0, clients: 0, refusedBy: { ECONNREFUSED: 100 } });
    expect(deleted).toEqual([]);
  });

  it.each([
    [799, false, true],
    [800, false, false],
    [799, true, false],
  ])('%i clients at once (quick: %s): the report says that they are too few: %s', (clients, quick, few) => {
    const made = madeUpResult();
    const plain = { ...(made.plain as DesignRun), clientsAtOnce: clients };
    const lines = report({ ...made, quick, plain }).filter((line) => line.includes(`${clients} executions`));
    expect(lines.length).toBe(1);
    expect(lines[0]?.includes('fewer than the 800')).toBe(few);
  });
});

describe('a process of the plain design', () => {
  it('that ends before it is stopped fails the run', async () => {
    // A module without anything to wait for.
    await expect(startChild('settings.ts').failed).rejects.toThrow('settings.ts ended with 0.');
  });
});

describe('the mapping of the plain design', () => {
  const mapping = { least: 5, most: 1000, perSecond: 5 };
  const next = (state: object, backOff = false) =>
    nextExecutions({ executions: 100, visible: 1, failing: 1, ...state }, mapping, 1, backOff);

  it('adds executions while messages wait, up to its limit, and takes them away when none does', () => {
    expect(next({})).toBe(105);
    expect(next({ executions: 999 })).toBe(1000);
    expect(next({ visible: 0 })).toBe(95);
    expect(next({ visible: 0, executions: 6 })).toBe(5);
  });

  it('slows down on errors only if it is told to', () => {
    expect(next({}, true)).toBe(90);
    expect(next({ failing: 0.2 }, true)).toBe(105);
  });
});

describe('what became of the images', () => {
  const images = [
    image('ready in time', { status: 'ready', readyAt: 9 }),
    image('ready late', { status: 'ready', readyAt: 11 }),
    image('dead, never tried'),
    image('dead, tried', { status: 'processing' }),
    image('ready, its duplicate dead', { status: 'ready', readyAt: 1 }),
    image('nowhere', { status: 'processing' }),
  ];
  const dead = new Set(['dead, never tried', 'dead, tried', 'ready, its duplicate dead']);

  it('an image is ready, dead-lettered or lost; late too, unless it was ready in time', () => {
    expect(fates(images, { dead, waiting: false, at: 100, away: [] }, 10)).toEqual({
      ...{ images: 6, ready: 3, failed: 2, untriedDead: 1, lost: 1, late: 4 },
    });
  });

  it('an image is not lost while messages are left in the queue', () => {
    expect(fates(images, { dead, waiting: true, at: 100, away: [] }, 10).lost).toBe(0);
  });

  it('an image that still waits is not late before it is due, and one that is dead-lettered is', () => {
    expect(fates(images, { dead, waiting: true, at: 9, away: [] }, 10).late).toBe(3);
  });

  it('an image counts as late from the moment that it is due', () => {
    const times = lateTimes(images, 10, []);
    const late = addLate([sampleAt(9), sampleAt(10), sampleAt(20)], times).map((sample) => sample.late);
    expect(late).toEqual([0, 4, 4]);
  });

  it.each([
    [[{ from: 5, to: 8 }], 13],
    [[{ from: -9, to: 2 }], 12],
    [[{ from: 11, to: 20 }], 10],
    // The first fault moves the objective into the second.
    [
      [
        { from: 12, to: 14 },
        { from: 5, to: 8 },
      ],
      15,
    ],
  ])('the time of the faults %j makes nothing late', (away, due) => {
    expect(lateAt({ from: 0 }, 10, away)).toBe(due);
    expect(lateAt({ from: 0, to: due }, 10, away)).toBeUndefined();
  });

  it('the greatest age is that of an image that never ended, and leaves out what Postgres was away', () => {
    const ages = greatestAges([image('a', { createdAt: 5 }), image('b', { readyAt: 50 })], 100, {
      from: 10,
      to: 30,
    });
    expect(ages).toEqual({ oldestSeconds: 95, oldestWithoutFaults: 75 });
    expect(greatestAges([image('a', { readyAt: 8 })], 100, { from: 10, to: 30 }).oldestWithoutFaults).toBe(8);
  });

  it('latency counts from the first request, in the phase and for the tenant of that request', () => {
    const phases = [
      { name: 'quiet', from: 0, to: 5 },
      { name: 'flood', from: 5, to: 10 },
    ];
    const found = latencies([image('a', { askedAt: 6, createdAt: 8, readyAt: 9 }), image('b')], phases);
    expect(found).toEqual({ flood: { t0: { count: 1, p50: 3, p95: 3, p99: 3, max: 3 } } });
  });
});

describe('thinned samples', () => {
  it('keep the extremes of connections and executions', () => {
    const all = Array.from({ length: 1000 }, (_, at) => sampleAt(at));
    all[501] = sampleAt(501, { connections: { api: 50, process: 50 } });
    all[777] = sampleAt(777, { executions: 900 });
    const kept = thinned(all, 60);
    expect(kept.length).toBeLessThanOrEqual(60);
    expect(kept).toContain(all[501]);
    expect(kept).toContain(all[777]);
    expect(kept.map(({ at }) => at)).toEqual(kept.map(({ at }) => at).toSorted((a, b) => a - b));
  });
});
