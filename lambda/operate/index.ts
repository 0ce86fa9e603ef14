import { databasePassword } from '../aws/database-auth.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings } from '../runtime/settings.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = readEnvironment(functionEnvironment);

/** Invoked by operators with an operation. */
export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-operate',
  }),
  settings: readSettings(),
  log: openLogger('operate'),
});
