import * as z from 'zod/mini';
import type { Database } from '../postgres/connection.ts';
import type { RoleLogin } from '../postgres/roles.ts';
import { openInvocation } from '../runtime/deadline.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';
import { type MigrationTerms, migrate } from './migrate.ts';
import { makeTenant, migrateEvent } from './tenant.ts';

/** The event is not one that this function takes; nothing was done. */
export class EventMistake extends Error {
  override readonly name = 'EventMistake';
}

export interface Dependencies {
  /** Logs in as somebody who may create roles and tables. */
  database: Database;
  terms: Omit<MigrationTerms, 'login'>;
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

export function createHandler({ database, terms, login, log }: Dependencies) {
  return lambdaHandler(log, async (event: unknown, remaining): Promise<MigrateResult> => {
    const parsed = migrateEvent.safeParse(event ?? {});
    if (!parsed.success) throw new EventMistake(z.prettifyError(parsed.error));
    const { tenant, keySha256 } = parsed.data;
    const invocation = openInvocation(remaining, keepMs);
    try {
      const applied = await migrate(database, { ...terms, login: await login() }, log, invocation.signal);
      if (tenant === undefined) return { applied };
      return { applied, ...(await makeTenant(database, { tenant, keySha256 })) };
    } finally {
      invocation.close();
      await database.close();
    }
  });
}
