import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { bearerAuthentication } from './authentication.ts';
import type { ApiParts } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { type Problem, problems } from './problem.ts';
import { problemOf, problemResponse } from './problem-response.ts';
import { type ApiRequest, readRequest } from './request.ts';
import { type ApiResponse, proxyResult } from './response.ts';
import { createRouter } from './router.ts';

/** Answers a proxy event of REST API v1. Never throws: every error is a problem document. */
export type Api = (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;

/** Puts the API together. */
export function createApi(parts: ApiParts): Api {
  const route = createRouter(endpoints);
  const authenticate = bearerAuthentication(parts.database);

  async function answer(request: ApiRequest): Promise<ApiResponse> {
    const { endpoint, params } = route(request.method, request.path);
    const call = { request, params, parts };
    if (endpoint.access === 'open') return endpoint.handle(call);
    const tenant = await authenticate(request);
    parts.log.remember({ tenant });
    return endpoint.handle({ ...call, tenant });
  }

  return async (event) => {
    const started = performance.now();
    const request = readRequest(event);
    let problem: Problem | undefined;
    const response = await answer(request).catch((error: unknown) => {
      problem = problemOf(error);
      return problemResponse(problem, request.requestId);
    });
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
    return proxyResult(response);
  };
}
