import type { ServerResponse } from 'node:http';

/** What the gateway answers by itself, as the deployed one does (lib/gateway-problems.ts). */
interface GatewayProblem {
  status: number;
  code: string;
  title: string;
  detail: string;
  retryAfterSeconds?: number;
}

export const gatewayProblems = {
  malformedJson: {
    status: 400,
    code: 'malformed_json',
    title: 'The body is not JSON',
    detail: 'The body must be a JSON object, or an image with its Content-Type.',
  },
  malformedPath: {
    status: 400,
    code: 'invalid_request',
    title: 'The request has mistakes',
    detail: 'The path is not encoded properly.',
  },
  notFound: {
    status: 404,
    code: 'not_found',
    title: 'There is no such thing here',
    detail: 'The API has no such path, or not with this method.',
  },
  tooLarge: {
    status: 413,
    code: 'too_large',
    title: 'The image or body is too large',
    detail: 'Ask for a presigned POST and upload the image with it.',
  },
  throttled: {
    status: 429,
    code: 'throttled',
    title: 'Too many requests',
    detail: 'The API takes a bounded number of requests a second.',
    retryAfterSeconds: 1,
  },
  /** The function is throttled, ran out of time, crashed, or answered nonsense. */
  away: {
    status: 503,
    code: 'overloaded',
    title: 'The service cannot answer now',
    detail: 'Try again.',
    retryAfterSeconds: 5,
  },
  starting: {
    status: 503,
    code: 'overloaded',
    title: 'The service cannot answer now',
    detail: 'It is starting. Try again.',
    retryAfterSeconds: 1,
  },
} as const satisfies Record<string, GatewayProblem>;

export type GatewayProblemName = keyof typeof gatewayProblems;

/** Sends a problem document (RFC 9457). `errorType` says what it was, as API Gateway does in a header. */
export function sendProblem(
  response: ServerResponse,
  name: GatewayProblemName,
  requestId: string,
  errorType?: string,
): void {
  const { status, code, title, detail, ...more }: GatewayProblem = gatewayProblems[name];
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(more.retryAfterSeconds === undefined ? {} : { 'retry-after': String(more.retryAfterSeconds) }),
    ...(errorType === undefined ? {} : { 'x-amzn-errortype': errorType }),
  });
  const instance = `urn:sluice:request:${requestId}`;
  response.end(JSON.stringify({ type: `urn:sluice:problem:${code}`, title, status, detail, instance, code }));
}
