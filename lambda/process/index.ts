import { join } from 'node:path';
import { databasePassword } from '../aws/database-auth.ts';
import { openDecoderLane } from '../imaging/decoder/lane.ts';
import { openOnDemand } from '../postgres/on-demand.ts';
import { environments, readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings, taskRoot } from '../runtime/settings.ts';
import { createHandler, refuseSharedEnvironment } from './handler.ts';
import { lateBucket, lateDeadLetters, lateQueue } from './late-clients.ts';

refuseSharedEnvironment(process.env);
const environment = readEnvironment(environments.process);
const settings = readSettings();
const root = taskRoot();

/**
 * Part of the function's memory that the decoder may grow to. Beyond it Lambda would soon kill the whole environment,
 * and with it the jobs beside; the worker itself takes about 100 MB and the originals in flight.
 */
const decoderShare = 0.6;
const memoryMb = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE ?? 1769);

/** SQS batches of ImageJobs, with partial batch responses. */
export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-process',
  }),
  bucket: lateBucket(environment.BUCKET_NAME),
  queue: lateQueue(environment.JOBS_QUEUE_URL),
  deadLetters: lateDeadLetters(environment.DEAD_LETTERS_QUEUE_URL),
  lane: openDecoderLane({
    entry: join(root, 'decoder.mjs'),
    root,
    settings,
    perTenant: settings.process.decoderPerTenant,
    maxRssBytes: decoderShare * memoryMb * 1024 ** 2,
  }),
  settings,
  log: openLogger('process'),
});
