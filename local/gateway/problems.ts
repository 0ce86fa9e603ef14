import type { ServerResponse } from 'node:http';
import { type GatewayProblem, gatewayHeaders, gatewayProblems } from '../../lib/build/gateway-problems.ts';

const problems = {
  ...gatewayProblems,
  malformedPath: {
    status: 400,
    code: 'invalid_request',
    title: 'The request has mistakes',
    detail: 'The path is not encoded properly.',
  },
  starting: { ...gatewayProblems.away, detail: 'It is starting. Try again.', retryAfterSeconds: 1 },
} as const;

export type GatewayProblemName = keyof typeof problems;

/** Sends a problem document (RFC 9457). `errorType` says what it was, as API Gateway does in a header. */
export function sendProblem(
  response: ServerResponse,
  name: GatewayProblemName,
  requestId: string,
  errorType?: string,
): void {
  const { status = 400, code, title, detail, ...more }: GatewayProblem = problems[name];
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...gatewayHeaders,
    ...(more.retryAfterSeconds === undefined ? {} : { 'retry-after': String(more.retryAfterSeconds) }),
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  const instance = `urn:sluice:request:${requestId}`;
  response.end(JSON.stringify({ type: `urn:sluice:problem:${code}`, title, status, detail, instance, code }));
}
