import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { openBucket } from '../aws/bucket.ts';
import { databasePassword } from '../aws/database-auth.ts';
import { openPresignedDelivery } from '../aws/presigned-delivery.ts';
import { storageClient } from '../aws/storage-client.ts';
import { openUploadForms } from '../aws/upload-forms.ts';
import { openAdmission } from '../policy/admission-memory.ts';
import { openQuotas } from '../policy/quotas.ts';
import { keepOpen } from '../postgres/connection/persistent-connection.ts';
import { postgresQuotas } from '../postgres/quotas/lease.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import { openLogger } from '../runtime/logger.ts';
import { silentMetrics } from '../runtime/metrics.ts';
import { readSettings, taskRoot } from '../runtime/settings.ts';
import { createApi } from './api.ts';
import { functionEnvironment } from './environment.ts';
import { lateQueue } from './late-queue.ts';
import { rememberOutages } from './outage.ts';

const environment = readEnvironment(functionEnvironment);
const settings = readSettings();
const log = openLogger('api');
// Two tries of 4 s leave time for a row to be taken back before the function's 15 s are over.
const client = storageClient({ maxAttempts: 2 });
const bucketName = environment.BUCKET_NAME;

const database = rememberOutages(
  keepOpen({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-api',
    // A handshake takes milliseconds. Executions wait this long for a silent server, see rememberOutages.
    connectTimeoutMs: 3_000,
  }),
);

const api = createApi({
  settings,
  database,
  bucket: openBucket({ bucketName, client }),
  queue: lateQueue(environment.JOBS_QUEUE_URL),
  delivery: openPresignedDelivery({ bucketName, client }),
  uploadForms: openUploadForms({ bucketName, client }),
  admission: openAdmission({ all: settings.admission.maxBacklog }, Date.now),
  quotas: openQuotas({
    store: postgresQuotas(database),
    plans: settings.plans,
    limits: settings.limits,
    clock: () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 }),
  }),
  log,
  metrics: silentMetrics,
  pause: setTimeout,
  consoleRoot: join(taskRoot(), 'console'),
});

export const handler = lambdaHandler(log, api);
