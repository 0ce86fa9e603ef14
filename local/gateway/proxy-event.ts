import type { IncomingMessage } from 'node:http';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { account } from '../lambda/variables.ts';
import type { Match } from './match.ts';

const stage = 'local';
const apiId = 'local';

/** A request with its body. */
export interface GatewayRequest {
  incoming: IncomingMessage;
  requestId: string;
  /** Not decoded, without the query. */
  path: string;
  query: URLSearchParams;
  body: Buffer;
  /** The content type is a binary media type of the API. */
  binary: boolean;
}

/** The event of a Lambda proxy integration (REST API, payload version 1.0). */
export function proxyEvent(request: GatewayRequest, { resource, parameters }: Match): APIGatewayProxyEvent {
  const { incoming, path, body, binary } = request;
  const multiValueHeaders = headersOf(incoming);
  const multiValueQuery = grouped(request.query);
  return {
    resource,
    path,
    httpMethod: incoming.method ?? 'GET',
    headers: lastOf(multiValueHeaders),
    multiValueHeaders,
    queryStringParameters: emptyAsNull(lastOf(multiValueQuery)),
    multiValueQueryStringParameters: emptyAsNull(multiValueQuery),
    pathParameters: emptyAsNull(parameters),
    stageVariables: null,
    requestContext: requestContext(request, resource),
    body: body.length === 0 ? null : body.toString(binary ? 'base64' : 'utf8'),
    isBase64Encoded: binary && body.length > 0,
  };
}

function requestContext(
  { incoming, path, requestId }: GatewayRequest,
  resource: string,
): APIGatewayProxyEvent['requestContext'] {
  const now = new Date();
  return {
    accountId: account,
    apiId,
    authorizer: null,
    // The local API has no stage name, so this path is the client's.
    path,
    stage,
    protocol: `HTTP/${incoming.httpVersion}`,
    httpMethod: incoming.method ?? 'GET',
    resourceId: 'local',
    resourcePath: resource,
    requestId,
    extendedRequestId: requestId,
    domainName: (incoming.headers.host ?? '').replace(/:\d+$/, ''),
    domainPrefix: apiId,
    requestTime: commonLogTime(now),
    requestTimeEpoch: now.getTime(),
    identity: {
      ...noIdentity,
      sourceIp: incoming.socket.remoteAddress ?? '127.0.0.1',
      userAgent: incoming.headers['user-agent'] ?? null,
    },
  };
}

const noIdentity = {
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
  user: null,
  userArn: null,
};

/** Headers in the client's case, with every value of a repeated one. */
function headersOf({ rawHeaders, socket }: IncomingMessage): Record<string, string[]> {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawHeaders.length; index += 2)
    pairs.push([rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '']);
  const address = socket.remoteAddress ?? '127.0.0.1';
  return { ...grouped(pairs), 'X-Forwarded-For': [address], 'X-Forwarded-Proto': ['http'] };
}

/** Uses a Map because a client may send a name like `__proto__`. */
function grouped(pairs: Iterable<[string, string]>): Record<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const [name, value] of pairs) groups.set(name, [...(groups.get(name) ?? []), value]);
  return Object.fromEntries(groups);
}

function lastOf(values: Record<string, string[]>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, all.at(-1) ?? '']));
}

function emptyAsNull<Value extends object>(value: Value): Value | null {
  return Object.keys(value).length === 0 ? null : value;
}

/** In the format of access logs: 09/Apr/2026:12:34:56 +0000. */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
