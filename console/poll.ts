import { type Answer, type Picture, Refused } from './api.ts';
import { countDown, pause } from './wait.ts';

const terminal = new Set<Picture['status']>(['ready', 'rejected', 'failed', 'expired', 'superseded']);
/** Images of one request. */
const most = 100;
/** Images that are due this soon are asked for together. */
const togetherSeconds = 1;

/** An image that is followed. */
export interface Followed {
  show(picture: Picture): void;
  /** Shows why and how long the page waits; empty when it goes on. */
  wait(text: string): void;
  /** True once the user has deleted it. */
  stopped(): boolean;
}

/** Follows images until their status is final. */
export interface Follower {
  /** @param after seconds until the first look. @returns the last state; undefined if it is deleted. @throws Refused */
  follow(id: string, followed: Followed, after?: number): Promise<Picture | undefined>;
}

interface Watched extends Followed {
  due: number;
  settle(picture: Picture | undefined): void;
  fail(error: unknown): void;
}

/**
 * All images of the page are asked for together, as often as Retry-After says. A refusal makes all of them wait.
 * @param ask returns the state of these images
 */
export function openFollower(
  ask: (ids: string[]) => Promise<Answer>,
  { now = () => performance.now() / 1000, sleep = pause } = {},
): Follower {
  const watched = new Map<string, Watched>();
  let running = false;

  async function run(): Promise<void> {
    while (watched.size > 0) {
      const next = Math.min(...[...watched.values()].map(({ due }) => due));
      // In short steps, because an image may be added that is due earlier.
      if (next > now()) await sleep(Math.min(next - now(), togetherSeconds));
      else await look();
    }
    running = false;
  }

  async function look(): Promise<void> {
    for (const [id, one] of watched) if (one.stopped()) finish(id, undefined);
    const due = [...watched].filter(([, one]) => one.due <= now() + togetherSeconds).slice(0, most);
    if (due.length === 0) return;
    try {
      const { pictures, missing, retryAfter } = await ask(due.map(([id]) => id));
      const again = now() + Math.max(retryAfter, 0.5);
      for (const [, one] of due) one.due = again;
      for (const picture of pictures) {
        watched.get(picture.id)?.show(picture);
        // A response has at most 600 variants: the others come when fewer images are asked for.
        const complete = picture.status !== 'ready' || picture.variants !== undefined;
        if (terminal.has(picture.status) && complete) finish(picture.id, picture);
      }
      for (const id of missing) finish(id, undefined);
    } catch (error) {
      if (error instanceof Refused && error.retryAfter !== undefined) await rest(error, error.retryAfter);
      else
        for (const [id, one] of due) {
          watched.delete(id);
          one.fail(error);
        }
    }
  }

  const rest = (error: Error, seconds: number) =>
    countDown(error, seconds, {
      say: (text) => {
        for (const one of watched.values()) one.wait(text);
      },
      stopped: () => watched.size === 0,
      pause: sleep,
    });

  function finish(id: string, picture: Picture | undefined): void {
    watched.get(id)?.settle(picture);
    watched.delete(id);
  }

  return {
    follow(id, followed, after = 0) {
      return new Promise((settle, fail) => {
        watched.set(id, { ...followed, due: now() + after, settle, fail });
        if (running) return;
        running = true;
        // After the images that are added now.
        void Promise.resolve().then(run);
      });
    },
  };
}
