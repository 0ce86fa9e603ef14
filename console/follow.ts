import { type Api, type Picture, Refused } from './api.ts';
import type { Card } from './card.ts';
import { send } from './send.ts';

const terminal = new Set<Picture['status']>(['ready', 'rejected', 'failed', 'expired', 'superseded']);
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** An image on the page. */
interface Shown {
  api: Api;
  card: Card;
  /** True once the user has deleted it. */
  stopped: () => boolean;
}

/**
 * Uploads a file with a ticket, shows each step on its card, and waits as long as Retry-After of a 429, 503 or 409 says;
 * the same Idempotency-Key makes repeating a request safe.
 * @returns the last state, or undefined if the file could not be sent.
 */
export async function carry(shown: Shown, file: File): Promise<Picture | undefined> {
  const { api, card } = shown;
  try {
    card.say('asking', 'Requesting a ticket');
    const key = crypto.randomUUID();
    const ticket = await patiently(shown, () => api.ticket(file, key));
    card.element.dataset.id = ticket.id;
    // The response to a repeated request may say that the file has arrived.
    if (ticket.upload !== undefined) {
      card.say('sending', 'Uploading');
      card.progress(0);
      await send(file, ticket.upload, (part) => card.progress(part));
      card.progress(undefined);
    }
    return await follow(shown, ticket.id);
  } catch (error) {
    card.progress(undefined);
    card.say('stopped', 'Not accepted');
    card.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Shows an image until its status is final, as often as Retry-After says. */
export async function follow(shown: Shown, id: string): Promise<Picture | undefined> {
  while (!shown.stopped()) {
    const { picture, retryAfter } = await patiently(shown, () => shown.api.get(id));
    shown.card.show(picture);
    if (terminal.has(picture.status)) return picture;
    await pause(Math.max(retryAfter, 0.5));
  }
  return undefined;
}

async function patiently<T>({ card, stopped }: Shown, action: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Refused) || error.retryAfter === undefined || stopped()) throw error;
      card.say('waiting', `${error.message} Trying again in ${error.retryAfter} s`);
      await pause(error.retryAfter);
    }
  }
}
