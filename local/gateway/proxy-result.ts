import type { ServerResponse } from 'node:http';
import { z } from 'zod';

/** The result of a proxy integration; API Gateway turns any other into a 502. */
const proxyResult = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  multiValueHeaders: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()]))).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});
export type ProxyResult = z.output<typeof proxyResult>;

/** Parses the function's result; undefined if it is malformed. */
export function parseProxyResult(payload: string): ProxyResult | undefined {
  try {
    return proxyResult.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}

/** Headers of the connection, which the gateway sets itself. */
const dropped = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length']);

/** Sets the headers of a result. */
export function setHeaders(
  response: ServerResponse,
  result: Pick<ProxyResult, 'headers' | 'multiValueHeaders'>,
  requestId: string,
): void {
  const headers = new Map<string, string[]>();
  const set = (name: string, values: readonly (string | number | boolean)[]) => {
    if (!dropped.has(name.toLowerCase())) headers.set(name.toLowerCase(), values.map(String));
  };
  for (const [name, value] of Object.entries(result.headers ?? {})) set(name, [value]);
  for (const [name, values] of Object.entries(result.multiValueHeaders ?? {})) set(name, values);
  for (const [name, values] of headers)
    response.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  if (!headers.has('content-type')) response.setHeader('content-type', 'application/json');
  response.setHeader('x-amzn-requestid', requestId);
}

/** Sends the function's result to the client. */
export function sendProxyResult(response: ServerResponse, result: ProxyResult, requestId: string): void {
  setHeaders(response, result, requestId);
  const body = Buffer.from(result.body ?? '', result.isBase64Encoded === true ? 'base64' : 'utf8');
  // Only the function knows the body length of a HEAD.
  const empty =
    result.statusCode === 204 ||
    result.statusCode === 304 ||
    (response.req.method === 'HEAD' && body.length === 0);
  if (!empty) response.setHeader('content-length', body.length);
  response.writeHead(result.statusCode);
  response.end(empty ? undefined : body);
}
