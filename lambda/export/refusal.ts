import { TransientFailure } from '../domain/failure.ts';
import { outageProblems } from '../domain/outage-problems.ts';
import { type ProblemCode, problemMembers, problems } from '../domain/problems.ts';
import { readingReturn } from '../policy/admission/outage.ts';
import type { keyMissing, keyRefused } from '../runtime/bearer-key.ts';
import type { Mistake } from '../runtime/mistakes.ts';

/** Why there is no export, as a problem document before its first byte. `detail` is public. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Record<string, string>;
  readonly errors: readonly Mistake[] | undefined;
  constructor(
    code: ProblemCode,
    detail: string,
    options: ErrorOptions & { headers?: Record<string, string>; errors?: readonly Mistake[] } = {},
  ) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
  }
}

export function unauthenticated({ detail, challenge }: typeof keyMissing | typeof keyRefused): Refusal {
  return new Refusal('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
}

export function invalid(errors: readonly Mistake[]): Refusal {
  const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`;
  return new Refusal('invalid_request', `The request has ${count}; see "errors".`, { errors });
}

/** The refusal of an error. An unknown one becomes `internal`, without its details. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  const outage = error instanceof TransientFailure ? outageProblems[error.code] : undefined;
  if (outage === undefined)
    return new Refusal('internal', 'An unexpected error occurred and was logged.', { cause: error });
  const seconds = String(Math.ceil(readingReturn(Math.random)));
  return new Refusal(outage[0], outage[1], { cause: error, headers: { 'Retry-After': seconds } });
}

/** The document of a refusal (RFC 9457). */
export function problemDocument(
  { code, detail, headers, errors }: Refusal,
  requestId: string,
): { statusCode: number; headers: Record<string, string>; body: string } {
  return {
    statusCode: problems[code].status,
    headers: { 'Content-Type': 'application/problem+json', ...headers },
    body: JSON.stringify({
      ...problemMembers(code, detail, `urn:sluice:request:${requestId}`),
      ...(errors === undefined ? {} : { errors }),
    }),
  };
}
