import { TransientFailure } from '../domain/failure.ts';
import { problems } from '../domain/problems.ts';
import { Problem, retryAfter } from './problem.ts';
import type { ApiResponse } from './response.ts';

/** A failover takes about a minute, a restart seconds: often enough to notice, too seldom to be a burden. */
const outageRetrySeconds = 10;

/** Turns whatever was thrown into a problem. What is not ours becomes `internal`, of which nothing is shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof TransientFailure && error.code === 'database_unavailable')
    return new Problem('database_unavailable', 'The database does not answer. Try again.', {
      cause: error,
      headers: retryAfter(outageRetrySeconds),
    });
  if (error instanceof TransientFailure && error.code === 'statement_timeout')
    return new Problem('database_slow', 'The database takes too long over this. Try again.', {
      cause: error,
      headers: retryAfter(outageRetrySeconds),
    });
  // Out of time is who waited for the bucket: the database says for itself that it is away.
  if (error instanceof TransientFailure && ['storage_unavailable', 'out_of_time'].includes(error.code))
    return new Problem('storage_unavailable', 'The storage does not answer. Try again.', {
      cause: error,
      headers: retryAfter(outageRetrySeconds),
    });
  return new Problem('internal', 'The fault is ours and has been logged.', { cause: error });
}

/** The document of a problem: application/problem+json with `type, title, status, detail, instance, code`. */
export function problemResponse(problem: Problem, requestId: string): ApiResponse {
  const { status, title } = problems[problem.code];
  return {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      ...problem.headers,
    },
    body: JSON.stringify({
      type: `urn:sluice:problem:${problem.code}`,
      title,
      status,
      detail: problem.detail,
      instance: `urn:sluice:request:${requestId}`,
      code: problem.code,
      ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    }),
  };
}
