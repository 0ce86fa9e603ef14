/** The registry of types that several APIs share. */
const registeredTypes = 'https://iana.org/assignments/http-problem-types';

/**
 * All problems of the API and its gateways. Codes are never renamed. Their meaning for clients is in
 * api/openapi/problem-meanings.ts, which functions do not load.
 */
export const problems = {
  malformed_json: { status: 400, title: 'Malformed JSON' },
  invalid_request: { status: 400, title: 'Invalid request' },
  invalid_idempotency_key: { status: 400, title: 'Invalid Idempotency-Key' },
  empty_body: { status: 400, title: 'Empty body' },
  digest_mismatch: { status: 400, title: 'Digest mismatch' },
  unauthenticated: { status: 401, title: 'Authentication required' },
  not_found: { status: 404, title: 'Not found' },
  method_not_allowed: { status: 405, title: 'Method not allowed' },
  request_in_progress: { status: 409, title: 'Request in progress' },
  export_running: { status: 409, title: 'Export running' },
  not_waiting: { status: 409, title: 'Image no longer waits' },
  webhook_limit: { status: 409, title: 'Too many webhooks' },
  webhook_disabled: { status: 409, title: 'Webhook disabled' },
  ticket_expired: { status: 410, title: 'Ticket expired' },
  image_deleted: { status: 410, title: 'Image deleted' },
  export_deleted: { status: 410, title: 'Export deleted' },
  precondition_failed: { status: 412, title: 'Changed meanwhile' },
  too_large: { status: 413, title: 'Too large' },
  unsupported_type: { status: 415, title: 'Unsupported type' },
  unsupported_encoding: { status: 415, title: 'Unsupported Content-Encoding' },
  idempotency_key_reused: { status: 422, title: 'Idempotency-Key reused' },
  precondition_required: { status: 428, title: 'If-Match required' },
  quota_exceeded: { status: 429, title: 'Quota exceeded', type: `${registeredTypes}#quota-exceeded` },
  backlog_share: {
    status: 429,
    title: 'Too many of your images are waiting',
    type: `${registeredTypes}#quota-exceeded`,
  },
  /** Returned by gateways only, as is `unavailable`. */
  throttled: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  overloaded: {
    status: 503,
    title: 'Too many images are waiting',
    type: `${registeredTypes}#temporary-reduced-capacity`,
  },
  streaming_unavailable: { status: 501, title: 'Streaming not available' },
  unavailable: { status: 503, title: 'Service unavailable' },
  database_unavailable: { status: 503, title: 'Database unavailable' },
  database_slow: { status: 503, title: 'Database too slow' },
  storage_unavailable: { status: 503, title: 'Storage unavailable' },
  counters_unavailable: { status: 503, title: 'Counters of quotas unavailable' },
} as const;
export type ProblemCode = keyof typeof problems;

interface Definition {
  status: number;
  title: string;
  /** Default: one of our own. */
  type?: string;
}

/** The members of a problem document (RFC 9457) but the list of mistakes. */
export function problemMembers(
  code: ProblemCode,
  detail: string,
  instance: string,
): { type: string; title: string; status: number; detail: string; instance: string; code: ProblemCode } {
  const { status, title, type = `urn:sluice:problem:${code}` } = problems[code] as Definition;
  return { type, title, status, detail, instance, code };
}
