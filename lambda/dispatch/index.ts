import { databasePassword } from '../aws/database-auth.ts';
import { openMessageQueue } from '../aws/message-queue.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { embeddedMetrics } from '../runtime/embedded-metrics.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = readEnvironment(functionEnvironment);

/** Batches of DeliveryResults, and the schedule. */
export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-dispatch',
  }),
  deliveries: openMessageQueue({ queueUrl: environment.DELIVERIES_QUEUE_URL }),
  deliveryResults: openMessageQueue({ queueUrl: environment.DELIVERY_RESULTS_QUEUE_URL }),
  inFlight: readSettings().webhooks.inFlightPerEndpoint,
  log: openLogger('dispatch'),
  metrics: embeddedMetrics(environment.METRICS_PIPELINE),
  random: Math.random,
  now: Date.now,
});
