import { TransientFailure } from '../domain/failure.ts';

/** HTTP status of an AWS error; undefined without a response. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

/** The SDK's name of an error, such as `NoSuchKey` or `TimeoutError`. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/** True if S3 reports a missing object. HEAD has no body, so it reports only `NotFound`. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 || nameOf(error) === 'NoSuchKey' || nameOf(error) === 'NotFound';
}

/** Options of a client's `send`. */
export function options(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/**
 * Rethrows any other S3 error, including missing permissions, as an outage: the image is not to blame. The message names
 * operation and error, never a key or URL.
 * @param signal if aborted, the call was ended by us and the code is `out_of_time`.
 */
export function storageFault(operation: string, signal?: AbortSignal): (error: unknown) => never {
  return (error) => {
    if (signal?.aborted === true)
      throw new TransientFailure('out_of_time', `${operation}: the invocation ends`, { cause: error });
    const status = statusOf(error);
    const detail = status === undefined ? nameOf(error) : `${nameOf(error)} (${status})`;
    throw new TransientFailure('storage_unavailable', `${operation}: ${detail}`, { cause: error });
  };
}

/** @throws TransientFailure `storage_unavailable`, always. */
export function signingFault(error: unknown): never {
  throw new TransientFailure('storage_unavailable', `presign: ${nameOf(error)}`, { cause: error });
}
