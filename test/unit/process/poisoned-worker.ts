import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openDeadLetterQueue } from '../../../lambda/aws/dead-letters.ts';
import { silentNudges } from '../../../lambda/aws/nudges.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import type { Settings } from '../../../lambda/domain/settings.ts';
import type { RenderedImage } from '../../../lambda/imaging/rendered-image.ts';
import { openOnDemand } from '../../../lambda/postgres/connection/on-demand.ts';
import { createHandler } from '../../../lambda/process/handler.ts';
import type { DatabaseEnvironment } from '../../../lambda/runtime/environment.ts';
import { silentMetrics } from '../../../lambda/runtime/metrics.ts';
import { invocation, recordingLog } from './test-worker.ts';

/* A worker in its own process whose decoder kills it, hangs or runs out of memory, as a codec could. */

export type Poison = 'kill' | 'hang' | 'memory';

/** The first message to the worker. */
export interface WorkerSetup {
  environment: DatabaseEnvironment;
  password: string;
  bucketName: string;
  queueUrl: string;
  deadLettersUrl: string;
  settings: Settings;
  /** Result of every healthy image. */
  decoded: RenderedImage;
  /** SHA-256 of the image that kills the worker, in hex; `mode` is how. */
  poison: string;
  mode: Poison;
}

function killWorker(mode: Poison): Promise<never> {
  if (mode === 'kill') process.kill(process.pid, 'SIGKILL');
  // The test then kills it, as Lambda would.
  if (mode === 'hang') writeSync(1, 'hangs');
  if (mode === 'memory')
    for (const chunks: unknown[] = []; ; ) chunks.push(Array(100_000).fill(chunks.length));
  for (;;);
}

function handlerOf(setup: WorkerSetup) {
  const { environment, password, bucketName, queueUrl, deadLettersUrl, settings, decoded } = setup;
  return createHandler({
    database: openOnDemand({ environment, password: async () => password, applicationName: 'poisoned' }),
    bucket: openBucket({ bucketName }),
    queue: openQueue({ queueUrl }),
    nudges: silentNudges,
    deadLetters: openDeadLetterQueue({ queueUrl: deadLettersUrl }),
    lane: {
      decode: async ({ bytes }) =>
        createHash('sha256').update(bytes).digest('hex') === setup.poison ? killWorker(setup.mode) : decoded,
    },
    settings,
    log: recordingLog(),
    metrics: silentMetrics,
    // Without jitter, messages that return soon are visible at once.
    random: () => 0,
  });
}

let handler: ReturnType<typeof handlerOf> | undefined;
process.on('message', async ({ setup, records }: { setup?: WorkerSetup; records?: SQSRecord[] }) => {
  if (setup !== undefined) handler = handlerOf(setup);
  if (records === undefined || handler === undefined) return;
  const end = Date.now() + 60_000;
  const response = (await handler(
    { Records: records },
    invocation(() => end - Date.now()),
  )) as SQSBatchResponse;
  process.send?.(response.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
});
process.on('disconnect', () => process.exit());
