import type { ProblemCode } from '../../domain/problems.ts';

/** The meaning of each problem for clients, in the OpenAPI document and docs/api.md. */
export const problemMeanings: Record<ProblemCode, string> = {
  malformed_json: 'The body is declared as JSON but is not a JSON object in UTF-8.',
  invalid_request: '`errors` lists every mistake and where it is. An undocumented name is a mistake.',
  invalid_idempotency_key: 'A key has 1 to 255 printable ASCII characters.',
  empty_body: 'The body contains neither JSON nor an image.',
  digest_mismatch:
    'The body does not match its Content-MD5 or Content-Digest: it was damaged in transit. Send it again.',
  unauthenticated: 'The API key is missing, unknown or revoked.',
  not_found:
    'No such path, or nothing of yours with this ID: it never existed, was deleted, or belongs to another tenant.',
  method_not_allowed: '`Allow` lists the methods of this path.',
  request_in_progress:
    'An earlier request with this Idempotency-Key is still running. Repeat after Retry-After.',
  export_running: 'Another export of yours is running. Wait for its end, or for a stream Retry-After.',
  not_waiting:
    '`replaces` can only be changed while the image waits (`awaiting_upload`, `queued`); nothing was changed.',
  webhook_limit:
    'The tenant has as many webhooks as it may (`webhooks.endpointsPerTenant`). Delete one first.',
  webhook_disabled: 'A disabled webhook gets nothing and has no pause to end. Enable it first.',
  ticket_expired:
    'A request for a ticket was repeated after its ticket expired unused. Send it with a new Idempotency-Key.',
  image_deleted: 'A request was repeated after its image was deleted. Send it with a new Idempotency-Key.',
  export_deleted: 'A request was repeated after its export was deleted. Send it with a new Idempotency-Key.',
  precondition_failed:
    'Somebody else has edited it since the ETag of If-Match; nothing was changed. The response has the current ETag: read it again, and repeat the edit.',
  too_large:
    'The body or the image exceeds a limit; `GET /v1/presets` lists both. An upload with a ticket may be larger than a body.',
  unsupported_type: 'The type is neither JSON nor an accepted image type; `detail` lists the accepted types.',
  unsupported_encoding:
    'The Content-Encoding is not `identity`. Send the body without one; images are compressed already.',
  idempotency_key_reused:
    'The key was used with another body, type, query or metadata. It can be used again after a day.',
  precondition_required: 'An edit needs If-Match with the ETag of what was read.',
  quota_exceeded:
    'A quota of your plan is used up; `violated-policies` names it, and RateLimit has what is left of each. Repeat after Retry-After.',
  backlog_share:
    'You have as many images waiting as your share of the queue allows; others are still admitted. Your turn is kept: repeat the request at Retry-After, with the same Idempotency-Key.',
  throttled: 'The gateway limits the requests per second. Repeat after Retry-After.',
  internal: 'An unexpected error, logged under the ID in `instance`. Repeating the request may help.',
  overloaded:
    'More images are waiting than can be processed in time (`admission.maxBacklogAge`), whoever sent them. Your turn is kept: repeat the request at Retry-After, with the same Idempotency-Key.',
  streaming_unavailable:
    'The gateway of this deployment does not stream responses. Request the export as a job, with POST /v1/exports.',
  unavailable:
    'The API is starting, at its limit of concurrent requests, or failed without a response. Repeat after Retry-After, with the same Idempotency-Key.',
  database_unavailable:
    'The database does not respond. For new images Retry-After is your turn, as far as it is known, and is kept: repeat the request then, with the same Idempotency-Key.',
  database_slow:
    'The database responds but did not finish in time. Repeat after Retry-After; when listing, use a smaller `limit`.',
  counters_unavailable:
    'The server that counts quotas does not respond, and the deployment refuses what it cannot count. Repeat after Retry-After, with the same Idempotency-Key.',
  storage_unavailable: 'S3 does not respond. Repeat after Retry-After, with the same Idempotency-Key.',
};
