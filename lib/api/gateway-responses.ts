import { GatewayResponse, type IRestApi, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import {
  type GatewayProblem,
  gatewayHeaders,
  gatewayProblems,
  problemDocument,
  statusOf,
} from '../bundling/gateway-problems.ts';

/** The problem of each kind of response that the gateway makes itself. */
const responses: readonly (readonly [ResponseType, GatewayProblem])[] = [
  [ResponseType.BAD_REQUEST_BODY, gatewayProblems.malformedJson],
  // "Missing Authentication Token" is the gateway's response to an unknown path, and to TRACE.
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, gatewayProblems.notFound],
  [ResponseType.REQUEST_TOO_LARGE, gatewayProblems.tooLarge],
  [ResponseType.UNSUPPORTED_MEDIA_TYPE, gatewayProblems.unsupportedType],
  [ResponseType.THROTTLED, gatewayProblems.throttled],
  [ResponseType.DEFAULT_4XX, gatewayProblems.refused],
  // Named, because a function throttled at its reserved concurrency is otherwise a bare 500 (re:Post QUfI6bsdd0SOiPeyimzxSkfQ).
  [ResponseType.INTEGRATION_FAILURE, gatewayProblems.unavailable],
  [ResponseType.INTEGRATION_TIMEOUT, gatewayProblems.unavailable],
  [ResponseType.DEFAULT_5XX, gatewayProblems.unavailable],
];

/** Makes the gateway's own responses problem documents (RFC 9457), as the function's are. */
export function respondWithProblems(scope: Construct, restApi: RestApi): void {
  for (const [type, problem] of responses) {
    const status = statusOf(problem);
    const { retryAfterSeconds } = problem;
    new GatewayResponse(scope, `Problem${type.responseType}`, {
      // With exactOptionalPropertyTypes the class does not fit its own interface.
      restApi: restApi as IRestApi,
      type,
      ...(status === undefined ? {} : { statusCode: String(status) }),
      responseHeaders: {
        'Content-Type': "'application/problem+json'",
        'Cache-Control': "'no-store'",
        ...Object.fromEntries(Object.entries(gatewayHeaders).map(([name, value]) => [name, `'${value}'`])),
        ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': `'${retryAfterSeconds}'` }),
      },
      // The gateway fills in `$context` variables; it runs no template language here.
      templates: { 'application/json': problemDocument(problem, 'urn:sluice:request:$context.requestId') },
    });
  }
}
