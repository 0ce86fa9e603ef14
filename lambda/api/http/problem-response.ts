import { TransientFailure } from '../../domain/failure.ts';
import { outageProblems } from '../../domain/outage-problems.ts';
import { problemMembers, problems } from '../../domain/problems.ts';
import { Problem, retryAfter } from './problem.ts';
import type { ApiResponse } from './response.ts';

/**
 * The problem of an error. An unknown one becomes `internal`, without its details.
 * @param seconds after which to return in an outage
 */
export function problemOf(error: unknown, seconds: number): Problem {
  if (error instanceof Problem) return error;
  const outage = error instanceof TransientFailure ? outageProblems[error.code] : undefined;
  if (outage === undefined)
    return new Problem('internal', 'An unexpected error occurred and was logged.', { cause: error });
  const [code, detail] = outage;
  return new Problem(code, detail, { cause: error, headers: retryAfter(seconds) });
}

/** The document of a problem (RFC 9457). */
export function problemResponse(problem: Problem, requestId: string): ApiResponse {
  const { code, detail, errors, violatedPolicies } = problem;
  return {
    status: problems[code].status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...problem.headers,
    },
    body: JSON.stringify({
      ...problemMembers(code, detail, `urn:sluice:request:${requestId}`),
      ...(errors === undefined ? {} : { errors }),
      ...(violatedPolicies === undefined ? {} : { 'violated-policies': violatedPolicies }),
    }),
  };
}
