import type { Database } from '../postgres/connection/connection.ts';
import type { RoleLogin } from '../postgres/schema/roles.ts';
import { openInvocation } from '../runtime/deadline.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';
import { checkEvent } from './event.ts';
import { type MigrationTerms, migrate } from './migrate.ts';

export interface Dependencies {
  /** Logs in as a user that may create roles and tables. */
  database: Database;
  terms: Omit<MigrationTerms, 'login'>;
  login: () => Promise<RoleLogin>;
  log: Log;
}

export interface MigrateResult {
  /** Names of the migrations applied now. */
  applied: string[];
}

/** Reserved for the response, in milliseconds: a killed function sends none. */
const keepMs = 3_000;

/** Migrates the database. @throws EventMistake, MigrationMistake */
export function createHandler({ database, terms, login, log }: Dependencies) {
  return lambdaHandler(log, async (event: unknown, remaining): Promise<MigrateResult> => {
    checkEvent(event);
    const { signal, close } = openInvocation(remaining, keepMs);
    try {
      return { applied: await migrate(database, { ...terms, login: await login() }, log, signal) };
    } finally {
      close();
      await database.close();
    }
  });
}
