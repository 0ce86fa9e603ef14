import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { PathVariable } from '../../domain/routes.ts';
import type { RequestHeader } from '../schemas/requests.ts';

/** A request to an endpoint. */
export interface ApiRequest {
  method: string;
  /** The matching path of the table of routes, independent of the client's base path. */
  resource: string;
  /** Variables of the resource's path. */
  params: { readonly [Name in PathVariable]?: string | undefined };
  /** Path without the stage, for the log. */
  path: string;
  /** Path with the client's stage or base path, for a Location. */
  publicPath: string;
  /** Names are in lower case. */
  headers: ReadonlyMap<string, string>;
  /** Decoded; the last value of each name. `repeated` has the names that were given more than once. */
  query: Readonly<Record<string, string>>;
  repeated: readonly string[];
  body: Buffer;
  /** True if API Gateway treated the body as binary (binaryMediaTypes) and not as text. */
  binary: boolean;
  requestId: string;
}

/** Reads the proxy event of REST API v1, whose header names have the client's case. */
export function readRequest(event: APIGatewayProxyEvent): ApiRequest {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(event.headers ?? {}))
    if (value !== undefined) headers.set(name.toLowerCase(), value);
  const query: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(event.queryStringParameters ?? {}))
    if (value !== undefined) query[name] = value;
  const repeated = Object.entries(event.multiValueQueryStringParameters ?? {})
    .filter(([, values]) => (values?.length ?? 0) > 1)
    .map(([name]) => name);
  return {
    method: event.httpMethod.toUpperCase(),
    resource: event.resource,
    params: event.pathParameters ?? {},
    path: event.path,
    publicPath: event.requestContext.path ?? event.path,
    headers,
    query,
    repeated,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    binary: event.isBase64Encoded,
    requestId: event.requestContext.requestId,
  };
}

/** The value of a request header. */
export function headerOf(request: ApiRequest, name: RequestHeader): string | undefined {
  return request.headers.get(name.toLowerCase());
}

/** The Content-Type without parameters in lower case, or empty. */
export function mediaType(request: ApiRequest): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
