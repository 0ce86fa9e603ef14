import { randomUUID } from 'node:crypto';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { silentNudges } from '../../../lambda/aws/nudges.ts';
import { jobBody } from '../../../lambda/domain/job.ts';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import type { Connection } from '../../../lambda/postgres/connection/connection.ts';
import type { Claim } from '../../../lambda/postgres/images/claim.ts';
import type { Commit } from '../../../lambda/postgres/images/commit.ts';
import { openDatabasePressure } from '../../../lambda/process/database-pressure.ts';
import type { Dependencies } from '../../../lambda/process/dependencies.ts';
import { createHandler } from '../../../lambda/process/handler.ts';
import { silentMetrics } from '../../../lambda/runtime/metrics.ts';
import { settingsOf } from '../../../lib/bundling/settings.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { imageSeconds } from '../../../lib/rules/measured.ts';
import { FairQueue } from '../../../simulator/fair-queue.ts';
import { randomOf } from '../../../simulator/random.ts';
import { config as shipped } from '../../../sluice.config.ts';
import { invocation, recordingLog } from './test-worker.ts';

/*
 * The real worker in virtual time (vi.useFakeTimers): its own code from the batch to the visibility of each message, and
 * the fair queue of the local runner, with a database and a bucket that are numbers here. A decode takes as long as that
 * of a photograph. Nothing depends on the speed of the machine.
 */
export const decodeMs = 1_000 * imageSeconds;
const timeoutMs = 60_000;
/** How often an execution without messages asks for some. */
const pollMs = 100;

interface Message {
  id: string;
  tenant: string;
  body: string;
  sentAt: number;
  receives: number;
}

export const sleep = (ms: number) => new Promise<void>((done) => setTimeout(done, ms));

/** Statements of the worker, answered as if every image were its to process. @param onReady called for each that is */
function openDatabase(onReady: (imageId: string) => void) {
  const state = {
    statementMs: 2,
    statements: 0,
    unavailable: undefined as (() => Promise<never>) | undefined,
  };
  const connection: Connection = {
    async query<Row>(_text: string, values: readonly unknown[] = []) {
      state.statements += 1;
      await sleep(state.statementMs);
      return { rows: rowsOf(values) as Row[], rowCount: 0 };
    },
  };
  function rowsOf(values: readonly unknown[]): (Claim | Commit)[] {
    const [ids, begun, , , , , , beginning] = values;
    if (Array.isArray(ids))
      return ids.map(
        (imageId: string, place): Claim => ({
          ...{ imageId, tenant: 'acme', outcome: 'claimed', attempt: 1, failures: 0, presets: [] },
          ...{
            declaredSha256: null,
            originalVersion: null,
            newerTickets: [],
            completing: null,
            overtaken: 0,
          },
          ...{ begun: place < Number(beginning), alone: false },
        }),
      );
    if (typeof ids !== 'string') return [];
    const results = JSON.parse(ids) as { imageId: string; outcome: string }[];
    for (const { imageId, outcome } of results) if (outcome === 'ready') onReady(imageId);
    const begins = JSON.parse(String(begun)) as { imageId: string }[];
    return [
      ...results.map(({ imageId }): Commit => ({ imageId, state: 'written', failures: 0 })),
      ...begins.map(({ imageId }): Commit => ({ imageId, state: 'begun', failures: 0 })),
    ];
  }
  const run: Dependencies['database']['run'] = async (work) =>
    state.unavailable === undefined ? work(connection) : state.unavailable();
  return { state, database: { run, close: async () => undefined } };
}

export interface VirtualOptions {
  maxConcurrency: number;
  batchSize: number;
  seed: number;
  /** Range of the duration of a decode, as a multiple of its mean. Default 0. */
  varies?: number;
  /** False sends messages without a MessageGroupId. */
  groups?: boolean;
}

/** A pipeline of `maxConcurrency` executions that begin with `start`. */
export function openVirtualPipeline({
  maxConcurrency,
  batchSize,
  seed,
  varies = 0,
  groups = true,
}: VirtualOptions) {
  const random = randomOf(seed);
  const fair = new FairQueue<Message>();
  const returns = new Map<string, NodeJS.Timeout>();
  const messages = new Map<string, Message>();
  const ended: { tenant: string; at: number; ms: number }[] = [];
  const { state, database } = openDatabase((imageId) => {
    const { tenant, sentAt } = messages.get(imageId) as Message;
    ended.push({ tenant, at: Date.now(), ms: Date.now() - sentAt });
  });
  const settings = settingsOf(resolveConfig(shipped), {});
  const pressures: ReturnType<typeof openDatabasePressure>[] = [];

  const hide = (message: Message, ms: number) => {
    clearTimeout(returns.get(message.id));
    const back = setTimeout(() => {
      fair.end(message, Date.now());
      fair.arrive(message, groups ? message.tenant : undefined);
    }, ms);
    returns.set(message.id, back);
  };

  function openPressure() {
    const pressure = openDatabasePressure({
      random,
      pause: (ms, signal) =>
        new Promise((done) => {
          const timer = setTimeout(done, ms);
          signal.addEventListener('abort', () => done(clearTimeout(timer)), { once: true });
        }),
    });
    pressures.push(pressure);
    return pressure;
  }

  function dependencies(): Dependencies {
    let turn: Promise<unknown> = Promise.resolve();
    return {
      database,
      bucket: {
        findFirstUpload: async () => ({ version: 'v', bytes: 3, later: [] }),
        getOriginal: async () => Buffer.from('abc'),
        putVariant: async () => undefined,
      },
      queue: {
        async changeVisibility(handle, seconds) {
          const message = messages.get(handle);
          if (message) hide(message, seconds * 1_000);
        },
      },
      nudges: silentNudges,
      deadLetters: { sendLetters: () => Promise.reject(new Error('nothing is dead')) },
      lane: {
        // One at a time, as in the sandbox.
        decode() {
          const mine = turn.then(() => sleep(decodeMs * (1 - varies / 2 + varies * random())));
          turn = mine;
          const rendered = { original: {}, placeholder: undefined, variants: [] };
          return mine.then(() => rendered as unknown as RenderedImage);
        },
      },
      settings,
      log: recordingLog(),
      metrics: silentMetrics,
      random,
      pressure: openPressure(),
    };
  }

  function received(): SQSRecord[] {
    const records: SQSRecord[] = [];
    while (records.length < batchSize) {
      const message = fair.next(Date.now());
      if (message === undefined) break;
      fair.begin(message, Date.now());
      message.receives += 1;
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
        await sleep(pollMs);
        continue;
      }
      const end = Date.now() + timeoutMs;
      const response = await handler(
        { Records: records },
        invocation(() => end - Date.now()),
      );
      const failed = (response as SQSBatchResponse).batchItemFailures.map((one) => one.itemIdentifier);
      for (const { messageId } of records) {
        const message = messages.get(messageId);
        if (message === undefined || failed.includes(messageId)) continue;
        clearTimeout(returns.get(messageId));
        fair.end(message, Date.now());
      }
    }
  }

  return {
    /** Of the database. */
    state,
    /** Images that became ready, each with the time since its message was sent. */
    ended,
    /** Of each execution. */
    shares: () => pressures.map(({ concurrency }) => concurrency.share),
    random,
    send(count: number, tenant = 'acme') {
      for (let sent = 0; sent < count; sent += 1) {
        const id = randomUUID();
        const body = jobBody({ tenant, imageId: id });
        const message = { id, tenant, body, sentAt: Date.now(), receives: 0 };
        messages.set(id, message);
        fair.arrive(message, groups ? tenant : undefined);
      }
    },
    start() {
      for (let number = 0; number < maxConcurrency; number += 1) void execution();
    },
    mostReceives: () => Math.max(...[...messages.values()].map(({ receives }) => receives)),
    endedBetween: (from: number, to: number) => ended.filter(({ at }) => at > from && at <= to).length,
  };
}
