import { TransientFailure } from '../domain/failure.ts';

/** The HTTP status of an answer of AWS, or undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
}

/** The SDK's name of an error, such as `NoSuchKey` or `TimeoutError`. */
export function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

/** True where S3 says that there is no such object. HEAD has no body, so it can only say `NotFound`. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 || nameOf(error) === 'NoSuchKey' || nameOf(error) === 'NotFound';
}

/** What a client's `send` takes besides the command. */
export function options(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/**
 * Every other fault of S3, wrong permissions included: the image is not to blame, so it counts as an outage.
 * The message names the operation and the fault, never a key or a URL.
 * @param signal where it has aborted, the call was ended by us, and time was what it lacked.
 */
export function storageUnavailable(
  operation: string,
  error: unknown,
  signal?: AbortSignal,
): TransientFailure {
  if (signal?.aborted === true)
    return new TransientFailure('out_of_time', `${operation}: the invocation ends`, { cause: error });
  const status = statusOf(error);
  const detail = status === undefined ? nameOf(error) : `${nameOf(error)} (${status})`;
  return new TransientFailure('storage_unavailable', `${operation}: ${detail}`, { cause: error });
}

/** @throws TransientFailure `storage_unavailable`, always. */
export function signingFault(error: unknown): never {
  throw new TransientFailure('storage_unavailable', `presign: ${nameOf(error)}`, { cause: error });
}
