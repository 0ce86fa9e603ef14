import { GatewayResponse, type IRestApi, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';

interface GatewayProblem {
  type: ResponseType;
  /** Absent: the gateway's own, where it stands for several. */
  status?: number;
  code: string;
  title: string;
  detail: string;
  retryAfterSeconds?: number;
}

/** What the gateway answers without asking the function. Codes are those of the API where it has one for it. */
const gatewayProblems: readonly GatewayProblem[] = [
  {
    type: ResponseType.BAD_REQUEST_BODY,
    status: 400,
    code: 'malformed_json',
    title: 'The body is not JSON',
    detail: 'The body must be a JSON object, or an image with its Content-Type.',
  },
  // The gateway says "Missing Authentication Token" to each path and method that it does not know.
  {
    type: ResponseType.MISSING_AUTHENTICATION_TOKEN,
    status: 404,
    code: 'not_found',
    title: 'There is no such thing here',
    detail: 'The API has no such path, or not with this method.',
  },
  {
    type: ResponseType.REQUEST_TOO_LARGE,
    status: 413,
    code: 'too_large',
    title: 'The image or body is too large',
    detail: 'Ask for a presigned POST and upload the image with it.',
  },
  {
    type: ResponseType.UNSUPPORTED_MEDIA_TYPE,
    status: 415,
    code: 'unsupported_type',
    title: 'The type is not supported',
    detail: 'Send JSON or an image of a supported type.',
  },
  {
    type: ResponseType.THROTTLED,
    status: 429,
    code: 'throttled',
    title: 'Too many requests',
    detail: 'The API takes a bounded number of requests a second.',
    retryAfterSeconds: 1,
  },
  {
    type: ResponseType.DEFAULT_4XX,
    code: 'invalid_request',
    title: 'The request has mistakes',
    detail: 'The gateway refused the request.',
  },
  // The function is throttled by its reserved concurrency, ran out of time or crashed.
  {
    type: ResponseType.DEFAULT_5XX,
    status: 503,
    code: 'overloaded',
    title: 'The service cannot answer now',
    detail: 'Try again.',
    retryAfterSeconds: 5,
  },
];

/** Makes the gateway's own answers problem documents (RFC 9457), as the function's are. */
export function answerWithProblems(scope: Construct, restApi: RestApi): void {
  for (const problem of gatewayProblems) {
    const { type, status, code, retryAfterSeconds } = problem;
    new GatewayResponse(scope, `Problem${type.responseType}`, {
      // With exactOptionalPropertyTypes the class does not fit its own interface.
      restApi: restApi as IRestApi,
      type,
      ...(status === undefined ? {} : { statusCode: String(status) }),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        'Cache-Control': "'no-store'",
        ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': `'${retryAfterSeconds}'` }),
      },
      templates: { 'application/json': template({ ...problem, code }) },
    });
  }
}

/** The gateway only replaces $context variables in it; it runs no template language here. */
function template({ status, code, title, detail }: GatewayProblem): string {
  return JSON.stringify({
    type: `urn:sluice:problem:${code}`,
    title,
    ...(status === undefined ? {} : { status }),
    detail,
    instance: 'urn:sluice:request:$context.requestId',
    code,
  });
}
