import type { ProblemCode } from '../../domain/problems.ts';
import { keyRefused } from '../../runtime/bearer-key.ts';
import type { Mistake } from '../../runtime/mistakes.ts';

interface ProblemOptions extends ErrorOptions {
  headers?: Record<string, string>;
  errors?: readonly Mistake[];
  /** Names of the RateLimit policies that were exceeded. */
  violatedPolicies?: readonly string[];
}

/** An error whose response is a problem document (RFC 9457). `detail` is public. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly headers: Record<string, string>;
  readonly errors: readonly Mistake[] | undefined;
  readonly violatedPolicies: readonly string[] | undefined;
  constructor(code: ProblemCode, detail: string, options: ProblemOptions = {}) {
    super(`${code}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
    this.headers = options.headers ?? {};
    this.errors = options.errors;
    this.violatedPolicies = options.violatedPolicies;
  }
}

/** The Retry-After header, in whole seconds. */
export function retryAfter(seconds: number): { 'Retry-After': string } {
  return { 'Retry-After': String(Math.max(1, Math.ceil(seconds))) };
}

/** An image that does not exist, was deleted, or is another tenant's: clients cannot distinguish these (I11). */
export function noSuchImage(): Problem {
  return new Problem('not_found', 'There is no image with this id.');
}

/** A key that is not, or no longer, one of a tenant. */
export function keyUnknown(): Problem {
  return unauthenticated(keyRefused.detail, keyRefused.challenge);
}

export function unauthenticated(detail: string, challenge: string): Problem {
  return new Problem('unauthenticated', detail, { headers: { 'WWW-Authenticate': challenge } });
}

/** The problem of a request with mistakes. */
export function invalid(errors: Mistake[]): Problem {
  const count = errors.length === 1 ? 'one mistake' : `${errors.length} mistakes`;
  return new Problem('invalid_request', `The request has ${count}; see "errors".`, { errors });
}
