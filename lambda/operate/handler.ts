import { keyId } from '../domain/keys.ts';
import type { Database } from '../postgres/connection/connection.ts';
import { openInvocation } from '../runtime/deadline.ts';
import { lambdaHandler } from '../runtime/handler.ts';
import type { Log } from '../runtime/logger.ts';
import { readEvent } from './event.ts';
import { type OperateSettings, operate } from './operations.ts';

export interface Dependencies {
  database: Database;
  settings: OperateSettings;
  log: Log;
}

/** Reserved for the response, in milliseconds: a killed function sends none. */
const keepMs = 3_000;

/** Runs an operation. @throws EventMistake, OperationMistake, KeyTaken, KeyRevoked */
export function createHandler({ database, settings, log }: Dependencies) {
  return lambdaHandler(log, async (event: unknown, remaining): Promise<object> => {
    const request = readEvent(event);
    const { operation, ...about } = request;
    // Of a key's hash, logs get its id only.
    const shown = 'keySha256' in about && about.keySha256 ? { keySha256: keyId(about.keySha256) } : {};
    log.info('Operation requested', { operation, about: { ...about, ...shown } });
    const { signal, close } = openInvocation(remaining, keepMs);
    try {
      return await operate(database, request, settings, { signal });
    } finally {
      close();
      await database.close();
    }
  });
}
