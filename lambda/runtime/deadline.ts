import { TransientFailure } from '../domain/failure.ts';
import type { RemainingTime } from './handler.ts';

/** The deadline of one invocation as a signal. */
export interface Invocation {
  /** Aborts with TransientFailure `out_of_time` when only the reserved time is left. */
  readonly signal: AbortSignal;
  /** Clears the timer. */
  close(): void;
}

/**
 * Opens an invocation's deadline, early enough to record results before Lambda kills the function.
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

/** Settles as `work`, or rejects with the signal's reason if it aborts first. For work that cannot be aborted. */
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
