import { TransientFailure } from '../../domain/failure.ts';

/** Error of a call whose deadline has passed. */
function outOfTime(signal: AbortSignal): TransientFailure {
  return new TransientFailure('database_unavailable', 'no answer in the time that was left', {
    cause: signal.reason,
  });
}

/** @throws TransientFailure `database_unavailable` if the signal is already aborted. */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw outOfTime(signal);
}

/**
 * Settles as `work`, or fails as soon as the signal aborts; the work may continue.
 * @param onAbort runs on abort, unless the work is done.
 * @throws TransientFailure `database_unavailable` on abort.
 */
export async function untilAborted<Result>(
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
  onAbort: () => void = () => undefined,
): Promise<Result> {
  if (signal === undefined) return work();
  refuseAborted(signal);
  const over = Promise.withResolvers<never>();
  const abort = (): void => {
    onAbort();
    over.reject(outOfTime(signal));
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work(), over.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
