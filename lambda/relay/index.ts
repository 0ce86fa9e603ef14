import { databasePassword } from '../aws/database-auth.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { silentMetrics } from '../runtime/metrics.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = readEnvironment(functionEnvironment);

export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-relay',
  }),
  sinks: [],
  log: openLogger('relay'),
  metrics: silentMetrics,
});
