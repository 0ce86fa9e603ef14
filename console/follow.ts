import type { Api, Picture } from './api.ts';
import type { Card } from './card.ts';
import type { Follower } from './poll.ts';
import { send } from './send.ts';
import { patiently } from './wait.ts';

/** An image on the page. */
export interface Shown {
  api: Api;
  follower: Follower;
  card: Card;
  /** True once the user has deleted it. */
  stopped: () => boolean;
}

/**
 * Uploads a file with a ticket and shows each step on its card. It waits as long as Retry-After of a 429, 503 or 409 says;
 * the same Idempotency-Key makes repeating a request safe, and keeps its place in line.
 * @returns the last state, or undefined if the file could not be sent.
 */
export async function carry(shown: Shown, file: File): Promise<Picture | undefined> {
  const { api, card, stopped } = shown;
  try {
    const asking = () => card.say('asking', 'Requesting a ticket');
    const waiting = { stopped, say: (text: string) => (text === '' ? asking() : card.say('waiting', text)) };
    asking();
    const key = crypto.randomUUID();
    const { ticket, retryAfter } = await patiently(() => api.ticket(file, key), waiting);
    card.element.dataset.id = ticket.id;
    // The response to a repeated request may say that the file has arrived.
    if (ticket.upload !== undefined) {
      card.say('sending', 'Uploading');
      card.progress(0);
      await send(file, ticket.upload, (part) => card.progress(part));
      card.progress(undefined);
    }
    return await follow(shown, ticket.id, retryAfter);
  } catch (error) {
    card.progress(undefined);
    card.say('stopped', 'Not accepted');
    card.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Shows an image until its status is final. @param after seconds until the first look */
export function follow(
  { follower, card, stopped }: Shown,
  id: string,
  after?: number,
): Promise<Picture | undefined> {
  const wait = (text: string) => {
    if (text !== '') card.say('waiting', text);
  };
  return follower.follow(id, { show: card.show, wait, stopped }, after);
}
