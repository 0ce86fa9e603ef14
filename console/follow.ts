import { type Api, type Picture, Refused } from './api.ts';
import type { Card } from './card.ts';
import { send } from './send.ts';

const terminal = new Set<Picture['status']>(['ready', 'rejected', 'failed', 'expired']);
const pause = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/**
 * Carries one file from a ticket to its end and shows each step on its card. A server that asks for patience
 * (429, 503, 409 with Retry-After) gets it; the same Idempotency-Key makes the repetition safe.
 * @returns the last state, or undefined where it could not be sent.
 */
export async function carry(
  api: Api,
  file: File,
  card: Card,
  stopped: () => boolean,
): Promise<Picture | undefined> {
  try {
    card.say('asking', 'Asking for a ticket');
    const key = crypto.randomUUID();
    const ticket = await patiently(() => api.ticket(file, key), card, stopped);
    card.element.dataset.id = ticket.id;
    // A repeated request may find that the file has arrived.
    if (ticket.upload !== undefined) {
      card.say('sending', 'Sending');
      card.progress(0);
      await send(file, ticket.upload, (part) => card.progress(part));
      card.progress(undefined);
    }
    return await follow(api, ticket.id, card, stopped);
  } catch (error) {
    card.progress(undefined);
    card.say('stopped', 'Not accepted');
    card.error(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

/** Shows an image until it is at an end, as often as the server's Retry-After says. */
export async function follow(
  api: Api,
  id: string,
  card: Card,
  stopped: () => boolean,
): Promise<Picture | undefined> {
  while (!stopped()) {
    const { picture, retryAfter } = await patiently(() => api.get(id), card, stopped);
    card.show(picture);
    if (terminal.has(picture.status)) return picture;
    await pause(Math.max(retryAfter, 0.5));
  }
  return undefined;
}

async function patiently<T>(action: () => Promise<T>, card: Card, stopped: () => boolean): Promise<T> {
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
