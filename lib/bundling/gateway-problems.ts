import { type ProblemCode, problemMembers, problems } from '../../lambda/domain/problems.ts';

/** A problem that the gateway returns without invoking the function. */
export interface GatewayProblem {
  code: ProblemCode;
  detail: string;
  /** True for a problem with several statuses: the gateway keeps its own. */
  anyStatus?: boolean;
  retryAfterSeconds?: number;
}

/**
 * Any page may read the gateway's own responses: they contain nothing of a tenant, and a page that cannot read a 429
 * does not know when to retry. The function's responses can be read by the pages of `deploy.origins` only.
 */
export const gatewayHeaders: Readonly<Record<string, string>> = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Expose-Headers': 'Retry-After, x-amzn-ErrorType, x-amzn-RequestId',
};

/** The gateway's own problems, the same on AWS and in the local runner. */
export const gatewayProblems = {
  malformedJson: {
    code: 'malformed_json',
    detail: 'The body must be a JSON object, or an image with its Content-Type.',
  },
  notFound: { code: 'not_found', detail: 'The API has no such path.' },
  tooLarge: {
    code: 'too_large',
    detail: 'Request a ticket and upload the image with its presigned POST.',
  },
  unsupportedType: { code: 'unsupported_type', detail: 'Send JSON or an image of a supported type.' },
  throttled: {
    code: 'throttled',
    detail: 'The API accepts a limited number of requests per second.',
    retryAfterSeconds: 1,
  },
  refused: { code: 'invalid_request', detail: 'The gateway refused the request.', anyStatus: true },
  /** The function is throttled at its reserved concurrency, timed out, crashed, or returned a malformed result. */
  unavailable: {
    code: 'unavailable',
    detail: 'The service cannot respond now. Try again.',
    retryAfterSeconds: 5,
  },
} as const satisfies Record<string, GatewayProblem>;

/** The status of a problem; undefined where the gateway keeps its own. */
export function statusOf({ code, anyStatus = false }: GatewayProblem): number | undefined {
  return anyStatus ? undefined : problems[code].status;
}

/** The document of a problem. `status` is absent where the gateway keeps its own. */
export function problemDocument(problem: GatewayProblem, instance: string): string {
  const document = problemMembers(problem.code, problem.detail, instance);
  return JSON.stringify({ ...document, status: statusOf(problem) });
}
