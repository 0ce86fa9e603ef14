import { join } from 'node:path';
import { databasePassword } from '../aws/database-auth.ts';
import { sandboxShare } from '../domain/sandbox-share.ts';
import { openSandboxLane } from '../imaging/sandbox/lane.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { embeddedMetrics } from '../runtime/embedded-metrics.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings, taskRoot } from '../runtime/settings.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler, refuseSharedEnvironment } from './handler.ts';
import { lateBucket, lateDeadLetters, lateNudges, lateQueue } from './late-clients.ts';

refuseSharedEnvironment(process.env);
const environment = readEnvironment(functionEnvironment);
const settings = readSettings();
const log = openLogger('process');
const root = taskRoot();

const metrics = embeddedMetrics(environment.METRICS_PIPELINE);
/** The sandbox is killed before Lambda would kill the environment with the other jobs. */
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
  nudges: lateNudges(environment.NUDGES_QUEUE_URL, (error) => log.warn('A nudge was not sent', { error })),
  lane: openSandboxLane({
    entry: join(root, 'sandbox.mjs'),
    root,
    settings,
    perTenant: settings.process.decoderPerTenant,
    maxRssBytes: sandboxShare * memoryMb * 1024 ** 2,
    onDeath: () => metrics.add('SandboxDeaths', {}),
  }),
  settings,
  log,
  metrics,
});
