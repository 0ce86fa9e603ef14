import { TransientFailure } from '../domain/failure.ts';
import type { RemainingTime } from './handler.ts';

/** The end of one invocation as a signal, for everything in it that waits. */
export interface Invocation {
  /** Aborts, with a TransientFailure `out_of_time`, when less than what was kept back is left. */
  readonly signal: AbortSignal;
  /** Forgets the timer. Who opened the invocation closes it. */
  close(): void;
}

/**
 * Opens the one deadline of an invocation. Lambda ends it from outside without a word; whoever waits on this signal
 * ends early enough to record what was done.
 * @param keepMs milliseconds that stay for what comes after the signal.
 */
export function openInvocation(remaining: RemainingTime, keepMs: number): Invocation {
  const controller = new AbortController();
  const end = () => controller.abort(new TransientFailure('out_of_time', 'the invocation ends'));
  const left = remaining() - keepMs;
  if (left <= 0) {
    end();
    return { signal: controller.signal, close: () => undefined };
  }
  const timer = setTimeout(end, left);
  return { signal: controller.signal, close: () => clearTimeout(timer) };
}

/**
 * What `work` comes to, or the signal's reason where that aborts first: for work that does not know the signal. What
 * it comes to afterwards is dropped.
 * @throws the reason of the signal
 */
export async function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  work.catch(() => undefined);
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
