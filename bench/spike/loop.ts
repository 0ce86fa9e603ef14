import { setTimeout as pause } from 'node:timers/promises';

/** Work that is repeated until it is stopped. */
export interface Loop {
  /** Rejects with the error that ended the loop; never resolves. */
  failed: Promise<never>;
  /** Resolves when the work in progress has ended. Once or more. */
  stop(): Promise<void>;
}

/** Work that takes longer than its interval delays the next. @param work receives its number, from 0 */
export function startLoop(everyMs: number, work: (number: number) => Promise<void>): Loop {
  const { promise: failed, reject } = Promise.withResolvers<never>();
  // A run that is over does not look any more.
  failed.catch(() => undefined);
  let stopped = false;
  const repeat = async () => {
    for (let number = 0; !stopped; number++) {
      const begun = performance.now();
      await work(number);
      await pause(Math.max(1, everyMs - (performance.now() - begun)));
    }
  };
  const ended = repeat().catch(reject);
  return {
    failed,
    stop() {
      stopped = true;
      return ended;
    },
  };
}
