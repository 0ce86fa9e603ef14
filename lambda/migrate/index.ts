import { join } from 'node:path';
import { databasePassword, secretPassword } from '../aws/database-auth.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import type { RoleLogin } from '../postgres/schema/roles.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { taskRoot } from '../runtime/settings.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';
import { readMigrations } from './migrations.ts';

const environment = readEnvironment(functionEnvironment);

/** By password if one is given, otherwise by IAM (RDS only). */
async function login(): Promise<RoleLogin> {
  if (environment.ROLES_PASSWORD !== undefined)
    return { by: 'password', password: environment.ROLES_PASSWORD };
  if (environment.ROLES_SECRET_ARN !== undefined)
    return { by: 'password', password: await secretPassword(environment.ROLES_SECRET_ARN) };
  return { by: 'iam' };
}

/** Invoked by each deployment, and by operators, with `{}`. */
export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-migrate',
    // Building an index takes time: the server may take an hour, and the function waits until the invocation ends.
    // The owner has no limit of its own and connects directly, without a proxy.
    statementTimeoutMs: 3_600_000,
  }),
  terms: {
    migrations: readMigrations(join(taskRoot(), 'migrations')),
    roles: environment.DATABASE_ROLES,
    pooled: environment.ROLES_POOLED === 'yes',
  },
  login,
  log: openLogger('migrate'),
});
