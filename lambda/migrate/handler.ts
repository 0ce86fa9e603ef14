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
  /** Logs in as somebody who may create roles and tables. */
  database: Database;
  terms: Omit<MigrationTerms, 'login'>;
  settings: Terms;
  login: () => Promise<RoleLogin>;
  log: Log;
}

export interface MigrateResult {
  /** Names of the files that were applied now. */
  applied: string[];
  tenant?: string;
  /** Only where the tenant was given a new key: it is not kept anywhere. */
  apiKey?: string;
}

/** Kept back for the answer, in milliseconds: who is killed from outside says nothing. */
const keepMs = 3_000;

/** Migrates, or does what a person asked for: an operation does not migrate. @throws EventMistake, OperationMistake */
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
