import type * as z from 'zod';
import { invalid, type Mistake, Problem } from './problem.ts';
import type { ApiRequest } from './request.ts';

/** Checks a value. @throws Problem `invalid_request` that lists every mistake with its path. */
export function valid<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error));
}

/** The mistakes that a schema found, with their paths below `below`. */
export function mistakesIn({ issues }: z.ZodError, below: readonly string[] = []): Mistake[] {
  return issues.flatMap((issue) => mistakesOf(issue, below));
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

/** Zod reports all unknown names of an object as one issue; here each is a mistake. */
function mistakesOf(issue: z.core.$ZodIssue, below: readonly string[]): Mistake[] {
  const path = [...below, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((name) => ({ path: [...path, name].join('.'), detail: 'is not a known name' }));
  return [{ path: path.join('.'), detail: issue.message }];
}
