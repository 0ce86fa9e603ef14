import type { ServerResponse } from 'node:http';
import {
  type GatewayProblem,
  gatewayHeaders,
  gatewayProblems,
  problemDocument,
  statusOf,
} from '../../lib/bundling/gateway-problems.ts';

const problems = {
  ...gatewayProblems,
  malformedPath: { code: 'invalid_request', detail: 'The path is not encoded correctly.' },
  starting: {
    ...gatewayProblems.unavailable,
    detail: 'The service is starting. Try again.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, GatewayProblem>;

export type GatewayProblemName = keyof typeof problems;

/** Sends a problem document (RFC 9457). `errorType` names its cause in a header, as API Gateway does. */
export function sendProblem(
  response: ServerResponse,
  name: GatewayProblemName,
  requestId: string,
  errorType?: string,
): void {
  const problem: GatewayProblem = problems[name];
  const { retryAfterSeconds } = problem;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(statusOf(problem) ?? 400, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...gatewayHeaders,
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  response.end(problemDocument(problem, `urn:sluice:request:${requestId}`));
}
