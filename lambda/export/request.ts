import type { APIGatewayProxyEvent } from 'aws-lambda';
import type * as z from 'zod';
import { exportQuery } from '../runtime/export-schema.ts';
import { mistakesIn } from '../runtime/mistakes.ts';
import { invalid } from './refusal.ts';

/** A request for the stream. */
export interface StreamRequest {
  requestId: string;
  /** The value of a header by its name in lower case. */
  header(name: string): string | undefined;
  /** Checks the query. @throws Refusal `invalid_request` with every mistake */
  query(): z.output<typeof exportQuery>;
}

/** Reads the proxy event of REST API v1, whose header names have the client's case. */
export function readRequest(event: APIGatewayProxyEvent): StreamRequest {
  const headers = new Map(
    Object.entries(event.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    requestId: event.requestContext.requestId,
    header: (name) => headers.get(name),
    query() {
      const repeated = Object.entries(event.multiValueQueryStringParameters ?? {}).filter(
        ([, values]) => (values?.length ?? 0) > 1,
      );
      if (repeated.length > 0)
        throw invalid(repeated.map(([name]) => ({ path: name, detail: 'is given more than once' })));
      const parsed = exportQuery.safeParse({ ...event.queryStringParameters });
      if (!parsed.success) throw invalid(mistakesIn(parsed.error));
      return parsed.data;
    },
  };
}
