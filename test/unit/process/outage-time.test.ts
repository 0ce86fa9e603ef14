import { randomUUID } from 'node:crypto';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TransientFailure } from '../../../lambda/domain/failure.ts';
import { jobBody } from '../../../lambda/domain/job.ts';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import { openDatabasePressure } from '../../../lambda/process/database-pressure.ts';
import type { Dependencies } from '../../../lambda/process/dependencies.ts';
import { createHandler } from '../../../lambda/process/handler.ts';
import { silentMetrics } from '../../../lambda/runtime/metrics.ts';
import { settingsOf } from '../../../lib/bundling/settings.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { receivesIn } from '../../../lib/rules/receives.ts';
import { FairQueue } from '../../../local/queues/fair-queue.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { invocation, recordingLog } from './test-worker.ts';

/*
 * The real worker against an outage, in virtual time: its own code from the batch to the visibility of each message, with
 * a database, a bucket and a queue that are numbers here. A decode takes the half second of a photograph.
 */
const cap = 4;
const batchSize = 10;
const timeoutMs = 60_000;
const decodeMs = 480;
const second = 1_000;
const minute = 60 * second;

interface Message {
  id: string;
  body: string;
  receives: number;
}

/** A generator with a seed, so that a failure can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

function openPipeline({ unavailable }: { unavailable: () => Promise<never> }) {
  const random = seeded(7);
  const fair = new FairQueue<Message>();
  const returns = new Map<string, NodeJS.Timeout>();
  const ended: number[] = [];
  const all: Message[] = [];
  const state = { down: false, statements: 0 };

  const connection: Connection = {
    async query<Row>(_text: string, values: readonly unknown[] = []) {
      state.statements += 1;
      await sleep(2);
      return { rows: rowsOf(values) as Row[], rowCount: 0 };
    },
  };
  function rowsOf(values: readonly unknown[]): object[] {
    const [ids, second, , , , , , beginning] = values;
    if (Array.isArray(ids))
      return ids.map((imageId, place) => ({
        ...{ imageId, tenant: 'acme', outcome: 'claimed', attempt: 1, failures: 0, presets: [] },
        ...{ declaredSha256: null, originalVersion: null, begun: place < Number(beginning), alone: false },
      }));
    if (typeof ids !== 'string') return [];
    const results = JSON.parse(ids) as { imageId: string; outcome: string }[];
    for (const { outcome } of results) if (outcome === 'ready') ended.push(Date.now());
    const begins = JSON.parse(String(second)) as { imageId: string }[];
    return [
      ...results.map(({ imageId }) => ({ imageId, state: 'written', failures: 0 })),
      ...begins.map(({ imageId }) => ({ imageId, state: 'begun', failures: 0 })),
    ];
  }

  const hide = (message: Message, ms: number) => {
    clearTimeout(returns.get(message.id));
    const back = setTimeout(() => {
      fair.end(message, Date.now());
      fair.arrive(message, 'acme');
    }, ms);
    returns.set(message.id, back);
  };
  const find = (id: string) => all.find((message) => message.id === id);
  const settings = settingsOf(resolveConfig(shipped), {});

  function dependencies(): Dependencies {
    return {
      database: {
        run: async (work) => (state.down ? unavailable() : work(connection)),
        close: async () => undefined,
      },
      bucket: {
        findFirstUpload: async () => ({ version: 'v', bytes: 3, later: [] }),
        getOriginal: async () => Buffer.from('abc'),
        putVariant: async () => undefined,
      },
      queue: {
        changeVisibility: async (handle, seconds) => {
          const message = find(handle);
          if (message) hide(message, seconds * second);
        },
      },
      deadLetters: { sendLetters: () => Promise.reject(new Error('nothing is dead')) },
      lane: {
        async decode() {
          await sleep(decodeMs);
          return { original: {}, placeholder: undefined, variants: [] } as unknown as RenderedImage;
        },
      },
      settings: { ...settings, process: { ...settings.process, jobsInFlight: 1 } },
      log: recordingLog(),
      metrics: silentMetrics,
      random,
      pressure: openDatabasePressure({
        random,
        pause: (ms, signal) =>
          new Promise((done) => {
            const timer = setTimeout(done, ms);
            signal.addEventListener('abort', () => done(clearTimeout(timer)), { once: true });
          }),
      }),
    };
  }

  function received(): SQSRecord[] {
    const records: SQSRecord[] = [];
    while (records.length < batchSize) {
      const message = fair.next(Date.now());
      if (message === undefined) break;
      fair.begin(message, Date.now());
      message.receives += 1;
      hide(message, 6 * timeoutMs);
      const attributes = { ApproximateReceiveCount: String(message.receives) };
      records.push({
        ...{ messageId: message.id, receiptHandle: message.id, body: message.body, attributes },
      } as SQSRecord);
    }
    return records;
  }

  async function execution(): Promise<void> {
    const handler = createHandler(dependencies());
    for (;;) {
      const records = received();
      if (records.length === 0) {
        await sleep(100);
        continue;
      }
      const end = Date.now() + timeoutMs;
      const response = await handler(
        { Records: records },
        invocation(() => end - Date.now()),
      );
      const failed = (response as SQSBatchResponse).batchItemFailures.map((one) => one.itemIdentifier);
      for (const { messageId } of records) {
        const message = find(messageId);
        if (message === undefined || failed.includes(messageId)) continue;
        clearTimeout(returns.get(messageId));
        fair.end(message, Date.now());
      }
    }
  }

  return {
    state,
    /** Times at which images became ready. */
    ended,
    send(count: number) {
      for (let sent = 0; sent < count; sent += 1) {
        const imageId = randomUUID();
        const message = { id: imageId, body: jobBody({ tenant: 'acme', imageId }), receives: 0 };
        all.push(message);
        fair.arrive(message, 'acme');
      }
    },
    start() {
      for (let number = 0; number < cap; number += 1) void execution();
    },
    mostReceives: () => Math.max(...all.map(({ receives }) => receives)),
    endedBetween: (from: number, to: number) => ended.filter((at) => at > from && at <= to).length,
  };
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const away = () => new TransientFailure('database_unavailable', 'away');
const refuses = () => sleep(5).then(() => Promise.reject(away()));
const isSilent = () => sleep(5_000).then(() => Promise.reject(away()));
const fullSpeed = (cap * 10 * second) / decodeMs;

describe.each([
  ['refuses connections', refuses],
  ['is silent until connects time out', isSilent],
])('thirty minutes in which the database %s', (_, unavailable) => {
  it('use up few receives, and a backlog drains at full speed 10 s after', async () => {
    const pipeline = openPipeline({ unavailable });
    pipeline.send(700);
    pipeline.start();
    await vi.advanceTimersByTimeAsync(10 * second);
    // What is quoted as full speed is the speed before the outage.
    expect(pipeline.ended.length).toBeGreaterThan(0.9 * fullSpeed);
    pipeline.state.down = true;
    await vi.advanceTimersByTimeAsync(30 * minute);
    pipeline.state.down = false;
    const recovery = Date.now();
    const statements = pipeline.state.statements;
    await vi.advanceTimersByTimeAsync(20 * second);
    expect(pipeline.state.statements).toBeGreaterThan(statements);
    expect(pipeline.endedBetween(recovery + 10 * second, recovery + 20 * second)).toBeGreaterThan(
      0.9 * fullSpeed,
    );
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(pipeline.ended).toHaveLength(700);
    expect(pipeline.mostReceives()).toBeLessThanOrEqual(receivesIn(1_800, 60));
  });

  it('use up fewer receives than half an hour may, also of the few messages that return all the time', async () => {
    const pipeline = openPipeline({ unavailable });
    pipeline.start();
    pipeline.state.down = true;
    pipeline.send(15);
    await vi.advanceTimersByTimeAsync(30 * minute);
    pipeline.state.down = false;
    await vi.advanceTimersByTimeAsync(10 * second + batchSize * decodeMs);
    expect(pipeline.ended).toHaveLength(15);
    expect(pipeline.mostReceives()).toBeGreaterThan(20);
    // The rule refuses fewer than this and process.maxAttempts.
    expect(pipeline.mostReceives()).toBeLessThanOrEqual(receivesIn(1_800, 60) + 2);
  });
});
