import type { Database } from '../postgres/connection/connection.ts';
import type { RoleLogin } from '../postgres/schema/roles.ts';
import { openInvocation } from '../runtime/deadline.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';
import { readEvent } from './event.ts';
import { type MigrationTerms, migrate } from './migrate.ts';
import type { Terms } from './next-step.ts';
import { type Answer, operate } from './operations.ts';
import { makeTenant } from './tenant.ts';

export interface Dependencies {
  /** Logs in as a user that may create roles and tables. */
  database: Database;
  terms: Omit<MigrationTerms, 'login'>;
  settings: Terms;
  login: () => Promise<RoleLogin>;
  log: Log;
}

export interface MigrateResult {
  /** Names of the migrations applied now. */
  applied: string[];
  tenant?: string;
  /** Only if the tenant got a new key; it is not stored. */
  apiKey?: string;
}

/** Reserved for the response, in milliseconds: a killed function sends none. */
const keepMs = 3_000;

/** Migrates, or runs an operation without migrating. @throws EventMistake, OperationMistake */
export function createHandler({ database, terms, settings, login, log }: Dependencies) {
  return lambdaHandler(log, async (raw: unknown, remaining): Promise<MigrateResult | Answer> => {
    const event = readEvent(raw);
    const { signal, close } = openInvocation(remaining, keepMs);
    try {
      if ('operation' in event) {
        const { operation, ...about } = event;
        log.info('An operation was asked for', { operation, about });
        return await operate(database, event, settings, { signal });
      }
      const { tenant, keySha256 } = event;
      const applied = await migrate(database, { ...terms, login: await login() }, log, signal);
      if (tenant === undefined) return { applied };
      return { applied, ...(await makeTenant(database, { tenant, keySha256 })) };
    } finally {
      close();
      await database.close();
    }
  });
}
