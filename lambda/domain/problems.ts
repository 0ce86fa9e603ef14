/**
 * Every error that the API answers with: its stable code, HTTP status, title, and what it means for a client. Codes are
 * never renamed; clients branch on them.
 */
export const problems = {
  malformed_json: {
    status: 400,
    title: 'The body is not JSON',
    meaning: 'The body calls itself JSON and is none, is no object, or is not UTF-8.',
  },
  invalid_request: {
    status: 400,
    title: 'The request has mistakes',
    meaning: '`errors` lists every mistake with its place; a name that is not documented is one.',
  },
  invalid_idempotency_key: {
    status: 400,
    title: 'The Idempotency-Key is malformed',
    meaning: 'A key has 1 to 255 printable ASCII characters.',
  },
  empty_body: { status: 400, title: 'The body is empty', meaning: 'There is no JSON and no image.' },
  digest_mismatch: {
    status: 400,
    title: 'The body is not what its digest says',
    meaning: 'Content-MD5 or Content-Digest names another body: it was damaged on its way. Send it again.',
  },
  unauthenticated: {
    status: 401,
    title: 'An API key is needed',
    meaning: 'There is no key, or it is unknown or revoked.',
  },
  not_found: {
    status: 404,
    title: 'There is no such thing here',
    meaning:
      'No such path, or no image of yours with this id: it never was, was deleted, or is somebody else’s.',
  },
  method_not_allowed: {
    status: 405,
    title: 'The method is not allowed here',
    meaning: '`Allow` names those that are.',
  },
  request_in_progress: {
    status: 409,
    title: 'The same request is still running',
    meaning: 'A request with this Idempotency-Key has no answer yet. Repeat it after Retry-After.',
  },
  ticket_expired: {
    status: 410,
    title: 'The ticket is over',
    meaning:
      'A request for a ticket was repeated after its ticket had ended unused. Ask with a new Idempotency-Key.',
  },
  image_deleted: {
    status: 410,
    title: 'The image was deleted',
    meaning: 'A request was repeated whose image has been deleted since. Send it with a new Idempotency-Key.',
  },
  too_large: {
    status: 413,
    title: 'The image or body is too large',
    meaning:
      'Above what a body or an image may have; `GET /v1/presets` says both. A ticket takes what a body does not.',
  },
  unsupported_type: {
    status: 415,
    title: 'The type is not supported',
    meaning: 'Neither JSON nor an image of a type that is taken here; `detail` names those.',
  },
  unsupported_encoding: {
    status: 415,
    title: 'The body is compressed',
    meaning:
      'There is a Content-Encoding other than `identity`. Send the body as it is; images are compressed already.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'The Idempotency-Key belongs to another request',
    meaning: 'The key was used with another body, type, query or metadata. It is yours again after a day.',
  },
  /** Answered by API Gateway itself; here because its clients see one API. */
  throttled: {
    status: 429,
    title: 'Too many requests',
    meaning: 'The gateway takes no more requests a second. Repeat after Retry-After.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong here',
    meaning: 'The fault is ours and has been logged under the id in `instance`. Repeating may help.',
  },
  overloaded: {
    status: 503,
    title: 'Too many images are waiting',
    meaning: 'As much waits as the workers get done in reasonable time. Repeat after Retry-After.',
  },
  database_unavailable: {
    status: 503,
    title: 'The database is away',
    meaning: 'It does not answer. Repeat after Retry-After, with the same Idempotency-Key.',
  },
  database_slow: {
    status: 503,
    title: 'The database took too long',
    meaning: 'It is there and did not get this done in time. Repeat after Retry-After; ask a list for less.',
  },
  storage_unavailable: {
    status: 503,
    title: 'The storage is away',
    meaning: 'S3 does not answer. Repeat after Retry-After, with the same Idempotency-Key.',
  },
} as const;
export type ProblemCode = keyof typeof problems;
