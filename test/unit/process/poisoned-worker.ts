import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openDeadLetterQueue } from '../../../lambda/aws/dead-letters.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import type { Settings } from '../../../lambda/domain/settings.ts';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { createHandler } from '../../../lambda/process/handler.ts';
import type { DatabaseEnvironment } from '../../../lambda/runtime/environment.ts';
import { silentMetrics } from '../../../lambda/runtime/metrics.ts';
import { invocation, recordingLog } from './test-worker.ts';

/* A worker in its own process, which its decoder kills, hangs or runs out of memory, as a codec could. */

export type Poison = 'kill' | 'hang' | 'memory';

/** The first message to the worker. */
export interface Opening {
  environment: DatabaseEnvironment;
  password: string;
  bucketName: string;
  queueUrl: string;
  deadLettersUrl: string;
  settings: Settings;
  /** Result of every healthy image. */
  decoded: RenderedImage;
  /** SHA-256 of the image that kills the worker, in hex, and how. */
  poison: string;
  mode: Poison;
}

function killWorker(mode: Poison): Promise<never> {
  if (mode === 'kill') process.kill(process.pid, 'SIGKILL');
  // The test kills it then, as Lambda would.
  if (mode === 'hang') writeSync(1, 'hangs');
  if (mode === 'memory') for (const kept: unknown[] = []; ; ) kept.push(Array(100_000).fill(kept.length));
  for (;;);
}

function handlerOf(opening: Opening) {
  const { environment, password, bucketName, queueUrl, deadLettersUrl, settings, decoded } = opening;
  return createHandler({
    database: openOnDemand({ environment, password: async () => password, applicationName: 'poisoned' }),
    bucket: openBucket({ bucketName }),
    queue: openQueue({ queueUrl }),
    deadLetters: openDeadLetterQueue({ queueUrl: deadLettersUrl }),
    lane: {
      decode: async ({ bytes }) =>
        createHash('sha256').update(bytes).digest('hex') === opening.poison
          ? killWorker(opening.mode)
          : decoded,
    },
    settings,
    log: recordingLog(),
    metrics: silentMetrics,
    // Messages that return soon are visible at once.
    random: () => 0,
  });
}

let handler: ReturnType<typeof handlerOf> | undefined;
process.on('message', async ({ opening, records }: { opening?: Opening; records?: SQSRecord[] }) => {
  if (opening !== undefined) handler = handlerOf(opening);
  if (records === undefined || handler === undefined) return;
  const end = Date.now() + 60_000;
  const answer = (await handler(
    { Records: records },
    invocation(() => end - Date.now()),
  )) as SQSBatchResponse;
  process.send?.(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
});
process.on('disconnect', () => process.exit());
