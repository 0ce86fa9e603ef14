import { TransientFailure } from '../domain/failure.ts';
import type { RemainingTime } from './handler.ts';

/** The end of one invocation as a signal, for everything in it that waits. */
export interface Invocation {
  /** Aborts with a TransientFailure `out_of_time` when only the reserved time is left. */
  readonly signal: AbortSignal;
  /** Clears the timer. Whatever opened the invocation closes it. */
  close(): void;
}

/**
 * Opens the one deadline of an invocation. Lambda kills it without notice; what waits on this signal ends early enough
 * to record its results.
 * @param keepMs milliseconds reserved for the work after the signal.
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
 * Resolves as `work` does, or rejects with the signal's reason if that aborts first: for work that cannot be aborted. A
 * later result is dropped.
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
