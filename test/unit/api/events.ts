import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { resourcePaths } from '../../../lambda/domain/routes.ts';

export interface RequestOptions {
  /** API key; absent sends no Authorization. */
  key?: string;
  headers?: Record<string, string>;
  query?: Record<string, string>;
  /** A string is sent as text, an object as JSON, bytes in base64 as API Gateway sends binary media types. */
  body?: string | Uint8Array | object;
}

/** A proxy event of REST API v1 as a stage named `prod` sends it. */
export function apiEvent(method: string, path: string, options: RequestOptions = {}): APIGatewayProxyEvent {
  const { key, query = {}, body } = options;
  const isBytes = body instanceof Uint8Array;
  const isJson = typeof body === 'object' && !isBytes;
  const headers: Record<string, string> = {
    Host: 'abc.execute-api.eu-central-1.amazonaws.com',
    'X-Forwarded-Proto': 'https',
    ...(key === undefined ? {} : { Authorization: `Bearer ${key}` }),
    ...(isJson ? { 'Content-Type': 'application/json' } : {}),
    ...options.headers,
  };
  const { resource, pathParameters } = resourceOf(path);
  const hasQuery = Object.keys(query).length > 0;
  const requestId = randomUUID();
  return {
    resource,
    path,
    httpMethod: method,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: hasQuery ? query : null,
    multiValueQueryStringParameters: hasQuery
      ? Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]]))
      : null,
    pathParameters,
    stageVariables: null,
    body: textOf(body),
    isBase64Encoded: isBytes,
    requestContext: {
      accountId: '000000000000',
      apiId: 'abc',
      authorizer: null,
      protocol: 'HTTP/1.1',
      httpMethod: method,
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: '192.0.2.1',
        user: null,
        userAgent: 'test',
        userArn: null,
      },
      path: `/prod${path}`,
      stage: 'prod',
      requestId,
      requestTimeEpoch: 1_900_000_000_000,
      resourceId: 'r',
      resourcePath: resource,
    },
  };
}

/** The resource as API Gateway finds it; for an unknown path, the path itself, so that the router sees it. */
function resourceOf(path: string): Pick<APIGatewayProxyEvent, 'resource' | 'pathParameters'> {
  for (const resource of resourcePaths) {
    const source = resource.replace(/\{(\w+)\+\}/, '(?<$1>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const found = new RegExp(`^${source}$`).exec(path);
    if (found !== null)
      return { resource, pathParameters: found.groups === undefined ? null : { ...found.groups } };
  }
  return { resource: path, pathParameters: null };
}

function textOf(body: RequestOptions['body']): string | null {
  if (body === undefined) return null;
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Buffer.from(body).toString('base64') : JSON.stringify(body);
}
