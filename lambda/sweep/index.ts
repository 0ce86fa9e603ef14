import { openBucket } from '../aws/bucket.ts';
import { databasePassword } from '../aws/database-auth.ts';
import { openExportFiles } from '../aws/export-files.ts';
import { openQueue } from '../aws/queue.ts';
import { longestSignatureSeconds } from '../domain/signing.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { embeddedMetrics } from '../runtime/embedded-metrics.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = readEnvironment(functionEnvironment);
const settings = readSettings();

/** Invoked by the schedule; the event is ignored. */
export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-sweep',
  }),
  bucket: openBucket({ bucketName: environment.BUCKET_NAME }),
  exportFiles: openExportFiles({ bucketName: environment.BUCKET_NAME }),
  queue: openQueue({ queueUrl: environment.JOBS_QUEUE_URL }),
  retention: settings.retention.rows,
  eventKeepDays: settings.retention.eventDays,
  deliveryKeepDays: settings.webhooks.keepDays,
  exportDays: settings.retention.exportDays,
  idempotencySeconds: settings.retention.idempotencySeconds,
  completionsPerSweep: settings.brownOut.completionsPerSweep,
  replacedSeconds: longestSignatureSeconds(settings.uploads),
  log: openLogger('sweep'),
  metrics: embeddedMetrics(environment.METRICS_PIPELINE),
});
