import { GatewayResponse, type IRestApi, ResponseType, type RestApi } from 'aws-cdk-lib/aws-apigateway';
import type { Construct } from 'constructs';
import { type GatewayProblem, gatewayHeaders, gatewayProblems } from '../build/gateway-problems.ts';

/** Which of the gateway's own answers becomes which problem. */
const answers: readonly (readonly [ResponseType, GatewayProblem])[] = [
  [ResponseType.BAD_REQUEST_BODY, gatewayProblems.malformedJson],
  // The gateway says "Missing Authentication Token" to each path that it does not know, and to TRACE.
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, gatewayProblems.notFound],
  [ResponseType.REQUEST_TOO_LARGE, gatewayProblems.tooLarge],
  [ResponseType.UNSUPPORTED_MEDIA_TYPE, gatewayProblems.unsupportedType],
  [ResponseType.THROTTLED, gatewayProblems.throttled],
  [ResponseType.DEFAULT_4XX, gatewayProblems.refused],
  [ResponseType.DEFAULT_5XX, gatewayProblems.away],
];

/** Makes the gateway's own answers problem documents (RFC 9457), as the function's are. */
export function answerWithProblems(scope: Construct, restApi: RestApi): void {
  for (const [type, problem] of answers) {
    const { status, retryAfterSeconds } = problem;
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
      templates: { 'application/json': problemTemplate(problem, 'urn:sluice:request:$context.requestId') },
    });
  }
}

/** @param instance with `$context` variables where the gateway fills it in; it runs no template language here. */
export function problemTemplate({ status, code, title, detail }: GatewayProblem, instance: string): string {
  return JSON.stringify({
    type: `urn:sluice:problem:${code}`,
    title,
    ...(status === undefined ? {} : { status }),
    detail,
    instance,
    code,
  });
}
