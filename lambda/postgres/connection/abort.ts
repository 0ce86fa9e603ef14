import { TransientFailure } from '../../domain/failure.ts';

/** What a call fails with whose caller has no more time for it. */
function outOfTime(signal: AbortSignal): TransientFailure {
  return new TransientFailure('database_unavailable', 'no answer in the time that was left', {
    cause: signal.reason,
  });
}

/** @throws TransientFailure `database_unavailable` where the signal is aborted already. */
export function refuseAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw outOfTime(signal);
}

/**
 * What `work` comes to; fails as soon as the signal is aborted, whatever becomes of the work then.
 * @param onAbort what the abort ends. Not called once the work is done.
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
