import { databasePassword } from '../aws/database-auth.ts';
import { openEventQueues } from '../aws/event-queues.ts';
import { openMessageQueue } from '../aws/message-queue.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { silentMetrics } from '../runtime/metrics.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';
import type { Sink } from './sink.ts';
import { queuesSink } from './sinks/queues.ts';
import { webhookSink } from './sinks/webhooks.ts';

const environment = readEnvironment(functionEnvironment);
const queueUrls = [environment.ANALYTICS_EVENTS_QUEUE_URL, environment.AUDIT_EVENTS_QUEUE_URL];

const log = openLogger('relay');
const database = openOnDemand({
  environment,
  password: () => databasePassword(environment),
  applicationName: 'sluice-relay',
});
const deliveryResults = openMessageQueue({ queueUrl: environment.DELIVERY_RESULTS_QUEUE_URL });
const sinks: Sink[] = [
  queuesSink(openEventQueues({ queueUrls })),
  webhookSink({ database, deliveryResults, log }),
];

export const handler = createHandler({
  database,
  sinks,
  log,
  metrics: silentMetrics,
});
