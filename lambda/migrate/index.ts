import { join } from 'node:path';
import { databasePassword, secretPassword } from '../aws/database-auth.ts';
import { openOnDemand } from '../postgres/connection/on-demand.ts';
import type { RoleLogin } from '../postgres/schema/roles.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { openLogger } from '../runtime/logger.ts';
import { readSettings, taskRoot } from '../runtime/settings.ts';
import { functionEnvironment } from './environment.ts';
import { createHandler } from './handler.ts';
import { readMigrations } from './migrations.ts';

const environment = readEnvironment(functionEnvironment);

/** By password where one is given; else by IAM, which needs RDS. */
async function login(): Promise<RoleLogin> {
  if (environment.ROLES_PASSWORD !== undefined)
    return { by: 'password', password: environment.ROLES_PASSWORD };
  if (environment.ROLES_SECRET_ARN !== undefined)
    return { by: 'password', password: await secretPassword(environment.ROLES_SECRET_ARN) };
  return { by: 'iam' };
}

/** Invoked by the deploy with `{}`, and by hand with `{tenant}` for a tenant's key or with an operation. */
export const handler = createHandler({
  database: openOnDemand({
    environment,
    password: () => databasePassword(environment),
    applicationName: 'sluice-migrate',
    // An index of a large table takes its time: the server may go on with it for an hour, and the answer is waited for
    // until the invocation ends. The owner has no limit of its own and speaks to the server itself, also where the
    // functions have a proxy.
    statementTimeoutMs: 3_600_000,
  }),
  terms: {
    migrations: readMigrations(join(taskRoot(), 'migrations')),
    roles: environment.DATABASE_ROLES,
    pooled: environment.ROLES_POOLED === 'yes',
  },
  settings: readSettings(),
  login,
  log: openLogger('migrate'),
});
