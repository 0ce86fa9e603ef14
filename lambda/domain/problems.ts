/** All problems of the API and its gateways, with their meaning for clients. Codes are never renamed. */
export const problems = {
  malformed_json: {
    status: 400,
    title: 'Malformed JSON',
    meaning: 'The body is declared as JSON but is not a JSON object in UTF-8.',
  },
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    meaning: '`errors` lists every mistake and where it is. An undocumented name is a mistake.',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'Invalid Idempotency-Key',
    meaning: 'A key has 1 to 255 printable ASCII characters.',
  },
  empty_body: { status: 400, title: 'Empty body', meaning: 'The body contains neither JSON nor an image.' },
  digest_mismatch: {
    status: 400,
    title: 'Digest mismatch',
    meaning:
      'The body does not match its Content-MD5 or Content-Digest: it was damaged in transit. Send it again.',
  },
  unauthenticated: {
    status: 401,
    title: 'Authentication required',
    meaning: 'The API key is missing, unknown or revoked.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    meaning:
      'No such path, or no image of yours with this ID: it never existed, was deleted, or belongs to another tenant.',
  },
  method_not_allowed: {
    status: 405,
    title: 'Method not allowed',
    meaning: '`Allow` lists the methods of this path.',
  },
  request_in_progress: {
    status: 409,
    title: 'Request in progress',
    meaning: 'An earlier request with this Idempotency-Key is still running. Repeat after Retry-After.',
  },
  ticket_expired: {
    status: 410,
    title: 'Ticket expired',
    meaning:
      'A request for a ticket was repeated after its ticket expired unused. Send it with a new Idempotency-Key.',
  },
  image_deleted: {
    status: 410,
    title: 'Image deleted',
    meaning: 'A request was repeated after its image was deleted. Send it with a new Idempotency-Key.',
  },
  too_large: {
    status: 413,
    title: 'Too large',
    meaning:
      'The body or the image exceeds a limit; `GET /v1/presets` lists both. An upload with a ticket may be larger than a body.',
  },
  unsupported_type: {
    status: 415,
    title: 'Unsupported type',
    meaning: 'The type is neither JSON nor an accepted image type; `detail` lists the accepted types.',
  },
  unsupported_encoding: {
    status: 415,
    title: 'Unsupported Content-Encoding',
    meaning:
      'The Content-Encoding is not `identity`. Send the body without one; images are compressed already.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency-Key reused',
    meaning: 'The key was used with another body, type, query or metadata. It can be used again after a day.',
  },
  /** Returned by gateways only, as is `unavailable`. */
  throttled: {
    status: 429,
    title: 'Too many requests',
    meaning: 'The gateway limits the requests per second. Repeat after Retry-After.',
  },
  backlog_share: {
    status: 429,
    title: 'Too many of your images are waiting',
    meaning:
      'You have as many images waiting as your share of the queue allows; others are still admitted. Repeat after Retry-After, when your turn has come.',
  },
  internal: {
    status: 500,
    title: 'Internal error',
    meaning: 'An unexpected error, logged under the ID in `instance`. Repeating the request may help.',
  },
  overloaded: {
    status: 503,
    title: 'Too many images are waiting',
    meaning: 'More images are waiting than can be processed in reasonable time. Repeat after Retry-After.',
  },
  unavailable: {
    status: 503,
    title: 'Service unavailable',
    meaning:
      'The API is starting, at its limit of concurrent requests, or failed without a response. Repeat after Retry-After, with the same Idempotency-Key.',
  },
  database_unavailable: {
    status: 503,
    title: 'Database unavailable',
    meaning: 'The database does not respond. Repeat after Retry-After, with the same Idempotency-Key.',
  },
  database_slow: {
    status: 503,
    title: 'Database too slow',
    meaning:
      'The database responds but did not finish in time. Repeat after Retry-After; when listing, use a smaller `limit`.',
  },
  storage_unavailable: {
    status: 503,
    title: 'Storage unavailable',
    meaning: 'S3 does not respond. Repeat after Retry-After, with the same Idempotency-Key.',
  },
} as const;
export type ProblemCode = keyof typeof problems;

/** The members of a problem document (RFC 9457) but the list of mistakes. */
export function problemMembers(
  code: ProblemCode,
  detail: string,
  instance: string,
): { type: string; title: string; status: number; detail: string; instance: string; code: ProblemCode } {
  const { status, title } = problems[code];
  return { type: `urn:sluice:problem:${code}`, title, status, detail, instance, code };
}
