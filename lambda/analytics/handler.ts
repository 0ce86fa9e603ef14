import type { RefusedEventQueue } from '../aws/refused-events.ts';
import { EventRefused } from '../domain/read-event.ts';
import { usageParts } from '../domain/usage.ts';
import { addUsage } from '../postgres/analytics/add-usage.ts';
import type { Database } from '../postgres/connection/connection.ts';
import { contentRefused } from '../postgres/connection/failures.ts';
import { consumerHandler } from '../runtime/consume/handler.ts';
import type { Log } from '../runtime/logger.ts';

export interface Dependencies {
  database: Database;
  refusedEvents: RefusedEventQueue;
  log: Log;
  /** Milliseconds since the epoch. */
  now?: () => number;
}

/** Adds events to the roll-up of their hours, in one statement for a batch. */
export function createHandler({ database, refusedEvents, log, now = Date.now }: Dependencies) {
  return consumerHandler({
    async apply(received, signal) {
      // An event may be in a batch twice.
      const once = new Map(received.map(({ event }) => [event.id, event]));
      const parts = [...once.values()].flatMap((event) => usageParts(event, now()));
      await database
        .run((connection) => addUsage(connection, parts), { signal })
        .catch((error: unknown) => {
          if (!contentRefused(error)) throw error;
          throw new EventRefused('not_storable', 'the database refused the numbers', { cause: error });
        });
    },
    refusedEvents,
    close: () => database.close(),
    log,
  });
}
