import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { TransientFailure } from '../domain/failure.ts';
import { problems } from '../domain/problems.ts';
import { methodsAt, type OpenRouteName, type RouteName, routes } from '../domain/routes.ts';
import { readingReturn, unknownReturn } from '../policy/admission/outage.ts';
import type { RemainingTime } from '../runtime/handler.ts';
import { isAdmitted, isOutage, withoutDatabase } from './admission/deferred.ts';
import { bearerAuthentication } from './authentication.ts';
import { endpoints } from './endpoints/endpoints.ts';
import { crossOriginHeaders, optionsResponse } from './http/cors.ts';
import type { ApiParts, Call } from './http/endpoint.ts';
import type { Problem } from './http/problem.ts';
import { problemOf, problemResponse } from './http/problem-response.ts';
import { withRateLimits } from './http/rate-limit.ts';
import { readRequest } from './http/request.ts';
import { openRequestQuotas, type RequestQuotas } from './http/request-quotas.ts';
import { type ApiResponse, proxyResult } from './http/response.ts';
import { findRoute } from './http/router.ts';
import { withinInvocation } from './within.ts';

/** Handles a proxy event of REST API v1. Never throws: every error is a problem document. */
export type Api = (event: APIGatewayProxyEvent, remaining?: RemainingTime) => Promise<APIGatewayProxyResult>;

/** Creates the API. */
export function createApi(parts: ApiParts): Api {
  const { random } = Math;
  const authenticate = bearerAuthentication();

  async function respond(call: Call & { quotas: RequestQuotas }): Promise<ApiResponse> {
    const { request, parts, quotas } = call;
    if (request.method === 'OPTIONS' && methodsAt(request.resource).length > 0)
      return optionsResponse(request);
    const name = findRoute(request.method, request.resource);
    if (isOpen(name)) return endpoints[name](call);
    const { tenant, stored, unverified } = await authenticate(request, parts.database);
    parts.log.remember({ tenant });
    parts.quotas.note(tenant, stored);
    const outage = unverified ?? (await quotas.take(tenant, { requests: 1 }).then(() => undefined, outageOf));
    if (outage !== undefined && !isAdmitted(name)) throw outage;
    const within = outage === undefined ? call : withoutDatabase(call, outage);
    const response = await endpoints[name]({ ...within, tenant });
    await parts.quotas
      .flush()
      .catch((error: unknown) => parts.log.warn('Unused quota was not given back', { error }));
    return response;
  }

  return async (event, remaining = () => 29_000) => {
    const started = performance.now();
    const request = readRequest(event);
    let problem: Problem | undefined;
    const within = withinInvocation(parts, remaining);
    const quotas = openRequestQuotas(within.parts.quotas);
    const response = await respond({ request, parts: within.parts, remaining, quotas })
      .catch((error: unknown) => {
        problem = problemOf(error, request.method === 'POST' ? unknownReturn(random) : readingReturn(random));
        parts.metrics.add('RequestsRefused', { Code: problem.code });
        return problemResponse(problem, request.requestId);
      })
      .finally(() => within.parts.nudges.settled())
      .finally(within.close);
    const line = {
      method: request.method,
      path: request.path.slice(0, 200),
      status: response.status,
      milliseconds: Math.round(performance.now() - started),
      ...(problem === undefined ? {} : { code: problem.code }),
    };
    if (problem !== undefined && problems[problem.code].status >= 500)
      parts.log.error('A request failed', { ...line, error: problem });
    else parts.log.info('A request was answered', line);
    const headers = {
      ...crossOriginHeaders(request, parts.settings.gateway.origins),
      ...withRateLimits(quotas.fields(), response.headers),
    };
    // The gateway computes Content-Length from the body.
    return proxyResult({ ...response, headers, ...(request.method === 'HEAD' ? { body: '' } : {}) });
  };
}

/** @throws other errors */
function outageOf(error: unknown): TransientFailure {
  if (isOutage(error)) return error;
  throw error;
}

function isOpen(name: RouteName): name is OpenRouteName {
  return routes[name].access === 'open';
}
