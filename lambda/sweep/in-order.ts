import type { Connection, Database } from '../postgres/connection/connection.ts';
import type { DatedImage, Page } from '../postgres/images/oldest-first.ts';
import { bite } from './dependencies.ts';
import type { Bitten, Duty, Time } from './turns.ts';

/** A query that is repeated, each time for the page after the last result. */
export type Question = (connection: Connection, page: Page) => Promise<DatedImage[]>;

/** A duty that pages through a query, oldest first. Images that fail are found again by the next run. */
export function inOrder(
  database: Pick<Database, 'run'>,
  ask: Question,
  see: (images: readonly DatedImage[], time: Time) => Promise<Bitten['did']>,
): Duty {
  let after: DatedImage | undefined;
  return async (time) => {
    const images = await database.run((connection) => ask(connection, { limit: bite, after }), {
      signal: time.work,
    });
    after = images.at(-1) ?? after;
    return { did: await see(images, time), more: images.length === bite };
  };
}

/** Combines duties into one: each begins when the one before has no more work. */
export function oneAfterTheOther(duties: readonly Duty[]): Duty {
  const left = [...duties];
  return async (time) => {
    const [first] = left;
    if (first === undefined) return { did: {}, more: false };
    const { did, more } = await first(time);
    if (!more) left.shift();
    return { did, more: left.length > 0 };
  };
}
