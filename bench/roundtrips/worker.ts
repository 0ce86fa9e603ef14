import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import pLimit from 'p-limit';
import { silentNudges } from '../../lambda/aws/nudges.ts';
import { jobBody } from '../../lambda/domain/job.ts';
import type { RenderedImage } from '../../lambda/imaging/rendered-image.ts';
import type { Database } from '../../lambda/postgres/connection/connection.ts';
import type { Dependencies } from '../../lambda/process/dependencies.ts';
import { createHandler } from '../../lambda/process/handler.ts';
import { silentMetrics } from '../../lambda/runtime/metrics.ts';
import { settingsOf } from '../../lib/bundling/settings.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import { original, placeholder, sides, type Target, variantsOf } from './statements.ts';

const silent = () => undefined;
const timeoutMs = 60_000;
const storageMs = 30;

/**
 * The worker, its own code from the batch to the response, with a bucket and a sandbox that only wait.
 * @param decodeMs of one image in the sandbox's lane
 * @returns what processes a batch. @returns milliseconds spent on the database: connects, statements and closes
 */
export function openWorker(database: Database, decodeMs: number) {
  let spentMs = 0;
  const timed = async <Result>(work: Promise<Result>): Promise<Result> => {
    const began = performance.now();
    try {
      return await work;
    } finally {
      spentMs += performance.now() - began;
    }
  };
  const turn = pLimit(1);
  const presets = Object.fromEntries(
    Object.entries(sides).map(([name, side]) => [name, { width: side, height: side }]),
  );
  const dependencies: Dependencies = {
    database: {
      run: (work, options) => timed(database.run(work, options)),
      close: () => timed(database.close()),
    },
    bucket: {
      findFirstUpload: async () => {
        await sleep(storageMs);
        return { version: 'v1', bytes: 3, later: [] };
      },
      getOriginal: async () => {
        await sleep(storageMs);
        return Buffer.from('abc');
      },
      putVariant: () => sleep(storageMs),
    },
    queue: { changeVisibility: async () => undefined },
    nudges: silentNudges,
    deadLetters: { sendLetters: () => Promise.reject(new Error('nothing is dead')) },
    lane: {
      decode: () =>
        turn(async () => {
          await sleep(decodeMs);
          const variants = variantsOf({ imageId: '', tenant: '' }).map((one) => ({
            ...one,
            bytes: Buffer.alloc(90 * one.width),
          }));
          return { original, placeholder, variants } as unknown as RenderedImage;
        }),
    },
    settings: settingsOf(resolveConfig({ presets, brownOut: { enabled: false } }), {}),
    log: { debug: silent, info: silent, warn: silent, error: silent, remember: silent, forget: silent },
    metrics: silentMetrics,
  };
  const handler = createHandler(dependencies);

  return async function work(batch: readonly Target[]): Promise<number> {
    spentMs = 0;
    // A worker that finds the database slow leaves some for later.
    for (let records = batch.map(recordOf); records.length > 0; ) {
      const end = performance.now() + timeoutMs;
      const context = {
        awsRequestId: randomUUID(),
        getRemainingTimeInMillis: () => end - performance.now(),
      };
      const response = (await handler({ Records: records }, context as Context)) as SQSBatchResponse;
      const staying = new Set(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      records = records.filter(({ messageId }) => staying.has(messageId));
    }
    return spentMs;
  };
}

function recordOf(target: Target): SQSRecord {
  const messageId = randomUUID();
  const now = String(Date.now());
  const attributes = {
    ApproximateReceiveCount: '1',
    SentTimestamp: now,
    ApproximateFirstReceiveTimestamp: now,
  };
  return { messageId, receiptHandle: messageId, body: jobBody(target), attributes } as SQSRecord;
}
