import { databasePassword } from '../aws/database-auth.ts';
import { openMessageQueue } from '../aws/message-queue.ts';
import { openRefusedEvents } from '../aws/refused-events.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { embeddedMetrics } from '../runtime/embedded-metrics.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';
import { openSinks } from './open-sinks.ts';

const environment = readEnvironment(functionEnvironment);
const log = openLogger('relay');
const refusedEvents = openRefusedEvents({
  queueUrl: environment.REFUSED_EVENTS_QUEUE_URL,
  consumer: 'relay',
});
const database = openOnDemand({
  environment,
  password: () => databasePassword(environment),
  applicationName: 'sluice-relay',
});

export const handler = createHandler({
  database,
  sinks: openSinks(environment, { database, log }),
  park: (refused, signal) =>
    refusedEvents.send(
      refused.map(({ sink, event, code }) => ({ text: JSON.stringify(event), code, sink })),
      signal,
    ),
  nudges: openMessageQueue({ queueUrl: environment.NUDGES_QUEUE_URL }),
  log,
  metrics: embeddedMetrics(environment.METRICS_PIPELINE),
});
