/**
 * Every error that the API answers with: its stable code, HTTP status and title. Codes are never renamed;
 * clients branch on them.
 */
export const problems = {
  malformed_json: { status: 400, title: 'The body is not JSON' },
  invalid_request: { status: 400, title: 'The request has mistakes' },
  invalid_idempotency_key: { status: 400, title: 'The Idempotency-Key is malformed' },
  empty_body: { status: 400, title: 'The body is empty' },
  unauthenticated: { status: 401, title: 'An API key is needed' },
  not_found: { status: 404, title: 'There is no such thing here' },
  method_not_allowed: { status: 405, title: 'The method is not allowed here' },
  request_in_progress: { status: 409, title: 'The same request is still running' },
  too_large: { status: 413, title: 'The image or body is too large' },
  unsupported_type: { status: 415, title: 'The type is not supported' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key belongs to another request' },
  /** Answered by API Gateway itself; here because its clients see one API. */
  throttled: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Something went wrong here' },
  overloaded: { status: 503, title: 'Too many images are waiting' },
  database_away: { status: 503, title: 'The database is away' },
  storage_away: { status: 503, title: 'The storage is away' },
} as const;
export type ProblemCode = keyof typeof problems;

/** One mistake of a request: where it is, in dots, and what is wrong there. */
export interface Mistake {
  path: string;
  detail: string;
}

interface ProblemOptions extends ErrorOptions {
  headers?: Record<string, string>;
  errors?: readonly Mistake[];
}

/** An error that is answered with a problem document (RFC 9457). `detail` is public. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Record<string, string>;
  readonly errors: readonly Mistake[] | undefined;
  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }
}

/** The header that says when to come back, in whole seconds. */
export function retryAfter(seconds: number): { 'Retry-After': string } {
  return { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) };
}

/** An image that does not exist, was deleted, or is another tenant's: nobody can tell which (I11). */
export function noSuchImage(): Problem {
  return new Problem('not_found', 'There is no image with this id.');
}
