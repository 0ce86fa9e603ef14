import type { APIGatewayProxyEvent } from 'aws-lambda';
import type { PathVariable } from '../domain/routes.ts';
import type { RequestHeader } from './requests.ts';

/** A request as the endpoints see it. */
export interface ApiRequest {
  method: string;
  /** The resource of API Gateway that took it: a path of the table of routes, whatever the client's base path is. */
  resource: string;
  /** Variables of the resource's path. */
  params: { readonly [Name in PathVariable]?: string | undefined };
  /** The client's path without the stage, for the log. */
  path: string;
  /** Path as the client sees it, stage or base path included: what a Location is built on. */
  publicPath: string;
  /** Names in lower case. */
  headers: ReadonlyMap<string, string>;
  /** Decoded; of a repeated name the last one, with the number of times it was given in `repeated`. */
  query: Readonly<Record<string, string>>;
  repeated: readonly string[];
  body: Buffer;
  /** True where API Gateway took the body for binary (binaryMediaTypes) and did not decode it as text. */
  binary: boolean;
  requestId: string;
}

/** Reads the proxy event of REST API v1. Header names come in the client's own case. */
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

/** The media type of a Content-Type header without its parameters, in lower case; empty where there is none. */
export function mediaType(request: ApiRequest): string {
  return (request.headers.get('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}
