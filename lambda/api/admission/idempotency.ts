import { createHash } from 'node:crypto';
import { Problem, retryAfter } from '../http/problem.ts';
import { type ApiRequest, headerOf } from '../http/request.ts';
import { requestHeaders } from '../schemas/requests.ts';

/** An Idempotency-Key with the hash of its request. */
export interface RequestKey {
  key: string;
  requestSha256: Buffer;
}

/** After this long without a response the request has failed: an invocation lasts at most 29 s. */
export const lockSeconds = 60;

/** Reads the Idempotency-Key, if any. @throws Problem `invalid_idempotency_key`. */
export function readRequestKey(request: ApiRequest): RequestKey | undefined {
  const key = headerOf(request, 'Idempotency-Key');
  if (key === undefined) return undefined;
  if (!requestHeaders['Idempotency-Key'].safeParse(key).success)
    throw new Problem(
      'invalid_idempotency_key',
      'An Idempotency-Key has 1 to 255 printable ASCII characters.',
    );
  return { key, requestSha256: requestDigest(request) };
}

/** SHA-256 over method, resource, content type, query, body and any header with metadata or a name, each prefixed by its length. */
function requestDigest(request: ApiRequest): Buffer {
  const query = Object.entries(request.query)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, value]);
  // Named with its value, so that requests from before there was this header keep their digests.
  const replaces = headerOf(request, 'X-Sluice-Replaces');
  const metadata = headerOf(request, 'X-Sluice-Metadata');
  const parts = [
    request.method,
    request.resource,
    request.headers.get('content-type') ?? '',
    JSON.stringify(query),
    request.body,
    ...(metadata === undefined ? [] : [metadata]),
    ...(replaces === undefined ? [] : ['X-Sluice-Replaces', replaces]),
  ];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest();
}

/** A request takes about a second; one that has run for five has probably failed, so clients wait for its lock. */
export function stillRunning(lockedForSeconds: number): Problem {
  const seconds = lockedForSeconds > lockSeconds - 5 ? 1 : lockedForSeconds;
  return new Problem('request_in_progress', 'A request with this Idempotency-Key is still running.', {
    headers: retryAfter(seconds),
  });
}
