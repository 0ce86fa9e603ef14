import type * as z from 'zod';
import { mistakesIn } from '../../runtime/mistakes.ts';
import { invalid, Problem } from './problem.ts';
import type { ApiRequest } from './request.ts';

/** Checks a value. @throws Problem `invalid_request` that lists every mistake with its path. */
export function valid<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error));
}

/** Checks the query of a request. @throws Problem `invalid_request`, also for a repeated name. */
export function validQuery<Schema extends z.ZodType>(schema: Schema, request: ApiRequest): z.output<Schema> {
  if (request.repeated.length > 0)
    throw invalid(request.repeated.map((name) => ({ path: name, detail: 'is given more than once' })));
  return valid(schema, { ...request.query });
}

/** Reads a JSON body. @throws Problem `empty_body`, `malformed_json`. */
export function jsonBody(request: ApiRequest): unknown {
  if (request.body.length === 0) throw new Problem('empty_body', 'The request has no body.');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(request.body));
  } catch (error) {
    throw new Problem('malformed_json', 'The body is not well-formed JSON in UTF-8.', { cause: error });
  }
}
