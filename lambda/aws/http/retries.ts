import {
  getRetryAfterHint,
  isServerError,
  isThrottlingError,
  isTransientError,
  StandardRetryStrategy,
} from '@smithy/core/retry';
import { untilAborted } from '../../runtime/deadline.ts';
import { ServiceError } from './service-error.ts';

/** Repeats a call that failed in passing. The signal ends the wait between two tries, too. */
export type Retry = <Result>(call: () => Promise<Result>, signal?: AbortSignal) => Promise<Result>;

/**
 * The SDK's own standard retries: its table of errors, its back-off with full jitter, its Retry-After, and its budget of
 * retries, which all calls of a client share.
 * @param maxAttempts tries per call.
 */
export function openRetries(maxAttempts: number): Retry {
  const strategy = new StandardRetryStrategy(maxAttempts);
  return async (call, signal) => {
    let token = await strategy.acquireInitialRetryToken('');
    for (;;) {
      try {
        const result = await call();
        strategy.recordSuccess(token);
        return result;
      } catch (error) {
        if (error instanceof ServiceError) error.$metadata.attempts = token.getRetryCount() + 1;
        const next = strategy.refreshRetryTokenForRetry(token, kindOf(error as Failure));
        const waited = signal === undefined ? next : untilAborted(next, signal);
        token = await waited.catch(() => Promise.reject(error));
      }
    }
  };
}

type Failure = Parameters<typeof isTransientError>[0] & { $response?: unknown };
type Kind = Parameters<StandardRetryStrategy['refreshRetryTokenForRetry']>[1];

function kindOf(error: Failure): Kind {
  const retryAfterHint = getRetryAfterHint(error.$response);
  return {
    error,
    errorType: isThrottlingError(error)
      ? 'THROTTLING'
      : isTransientError(error)
        ? 'TRANSIENT'
        : isServerError(error)
          ? 'SERVER_ERROR'
          : 'CLIENT_ERROR',
    ...(retryAfterHint === undefined ? {} : { retryAfterHint }),
  };
}
