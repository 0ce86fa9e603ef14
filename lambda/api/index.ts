import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { databasePassword } from '../aws/database-auth.ts';
import { openNudges } from '../aws/nudges.ts';
import { openPresignedDelivery } from '../aws/presigned-delivery.ts';
import { openUploadForms } from '../aws/upload-forms.ts';
import { openAdmission } from '../policy/admission/admission.ts';
import { openQuotas } from '../policy/quotas/quotas.ts';
import { keepOpen } from '../postgres/connection/persistent-connection.ts';
import { embeddedMetrics } from '../runtime/embedded-metrics.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings, taskRoot } from '../runtime/settings.ts';
import { createApi } from './api.ts';
import { functionEnvironment } from './environment.ts';
import { lateBucket, lateMessageQueue, lateQueue } from './late-clients.ts';
import { rememberOutages } from './outage.ts';
import { openStore } from './quotas/open-store.ts';
import { withoutCounters } from './quotas/uncounted.ts';

const environment = readEnvironment(functionEnvironment);
const settings = readSettings();
const log = openLogger('api');
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

const metrics = embeddedMetrics(environment.METRICS_PIPELINE);
const quotas = openQuotas({
  store: await openStore(environment, { database, log }),
  plans: settings.plans,
  limits: settings.limits,
  clock: () => ({ monotonic: performance.now() / 1000, wall: Date.now() / 1000 }),
});

const api = createApi({
  settings,
  database,
  bucket: lateBucket(bucketName),
  queue: lateQueue(environment.JOBS_QUEUE_URL),
  deliveryResults: lateMessageQueue(environment.DELIVERY_RESULTS_QUEUE_URL),
  nudges: openNudges({
    queueUrl: environment.NUDGES_QUEUE_URL,
    onTrouble: (error) => log.warn('A nudge was not sent', { error }),
  }),
  delivery: openPresignedDelivery({ bucketName }),
  uploadForms: openUploadForms({ bucketName }),
  admission: openAdmission(settings.admission, () => performance.now()),
  quotas: withoutCounters(quotas, { whenAway: environment.COUNTERS_WHEN_AWAY, metrics }),
  log,
  metrics,
  pause: setTimeout,
  consoleRoot: join(taskRoot(), 'console'),
});

export const handler = lambdaHandler(log, api);
