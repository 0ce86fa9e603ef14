import type { RefusedEventQueue } from '../aws/refused-events.ts';
import { EventRefused } from '../domain/read-event.ts';
import { appendLines } from '../postgres/audit/append.ts';
import type { Database } from '../postgres/connection/connection.ts';
import { contentRefused } from '../postgres/connection/failures.ts';
import { consumerHandler } from '../runtime/consume/handler.ts';
import type { Log } from '../runtime/logger.ts';

export interface Dependencies {
  database: Database;
  refusedEvents: RefusedEventQueue;
  log: Log;
}

/** Appends events to the trails of their tenants, in one statement for a batch. */
export function createHandler({ database, refusedEvents, log }: Dependencies) {
  return consumerHandler({
    async apply(received, signal) {
      const lines = received.map(({ event: { id, tenant }, text }) => ({ id, tenant, event: text }));
      await database
        .run((connection) => appendLines(connection, lines), { signal })
        .catch((error: unknown) => {
          if (!contentRefused(error)) throw error;
          throw new EventRefused('not_storable', 'the database refused the event', { cause: error });
        });
    },
    refusedEvents,
    close: () => database.close(),
    log,
  });
}
