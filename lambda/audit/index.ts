import { databasePassword } from '../aws/database-auth.ts';
import { openRefusedEvents } from '../aws/refused-events.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = readEnvironment(functionEnvironment);

/** Invoked with batches of events, from Kafka or a queue. */
export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-audit',
  }),
  refusedEvents: openRefusedEvents({ queueUrl: environment.REFUSED_EVENTS_QUEUE_URL, consumer: 'audit' }),
  log: openLogger('audit'),
});
