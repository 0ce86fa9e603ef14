import { Refused } from './api.ts';

export const pause = (seconds: number) => new Promise<void>((resolve) => setTimeout(resolve, seconds * 1000));

/** What shows that the page waits, and whether that is still wanted. */
export interface Waiting {
  /** Shows a text; an empty one when the wait is over. */
  say(text: string): void;
  stopped(): boolean;
  /** Waits so many seconds. */
  pause?: (seconds: number) => Promise<unknown>;
}

/**
 * Repeats an action that is refused for now (429, 503, 409), after the time that Retry-After gives, and shows how long that
 * is. @throws any other error
 */
export async function patiently<T>(action: () => Promise<T>, waiting: Waiting): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof Refused) || error.retryAfter === undefined || waiting.stopped()) throw error;
      await countDown(error, error.retryAfter, waiting);
    }
  }
}

/** Waits, and shows each second why and how long. */
export async function countDown(
  { message }: Error,
  seconds: number,
  { say, stopped, pause: sleep = pause }: Waiting,
): Promise<void> {
  for (let left = Math.ceil(seconds); left > 0 && !stopped(); left--) {
    say(`${message} Trying again in ${duration(left)}`);
    await sleep(1);
  }
  say('');
}

/** Seconds as text: 12 s, 3 min 5 s. */
export function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = `${seconds % 60} s`;
  return minutes === 0 ? rest : `${minutes} min ${rest}`;
}
