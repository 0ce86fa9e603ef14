import type { Connection, Database } from '../postgres/connection/connection.ts';
import type { DatedImage, Page } from '../postgres/images/oldest-first.ts';
import { batchSize } from './dependencies.ts';
import type { BatchResult, Duty, Time } from './turns.ts';

/** A query for the page after the last result. */
export type PageQuery = (connection: Connection, page: Page) => Promise<DatedImage[]>;

/** A duty that pages through a query, oldest first. Images that fail are found again by the next run. */
export function paged(
  database: Pick<Database, 'run'>,
  read: PageQuery,
  handle: (images: readonly DatedImage[], time: Time) => Promise<BatchResult['counts']>,
): Duty {
  let after: DatedImage | undefined;
  return async (time) => {
    const images = await database.run((connection) => read(connection, { limit: batchSize, after }), {
      signal: time.work,
    });
    after = images.at(-1) ?? after;
    return { counts: await handle(images, time), more: images.length === batchSize };
  };
}

/** Combines duties into one: each begins when the one before has no more work. */
export function inSequence(duties: readonly Duty[]): Duty {
  const left = [...duties];
  return async (time) => {
    const [first] = left;
    if (first === undefined) return { counts: {}, more: false };
    const { counts, more } = await first(time);
    if (!more) left.shift();
    return { counts, more: left.length > 0 };
  };
}
