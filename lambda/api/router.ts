import type { Endpoint } from './endpoint.ts';
import { Problem } from './problem.ts';

/*
 * A router of our own: eight routes need no library, and the one at hand (@middy/http-router) answers a known
 * path with a wrong method by 404 where 405 and Allow are due.
 */

/** An endpoint that a request matches, with the parts of the path that its braces stand for. */
export interface Match {
  endpoint: Endpoint;
  params: Record<string, string>;
}

/**
 * Makes a function that finds the endpoint of a request.
 * @throws (the function) Problem `not_found` for an unknown path, `method_not_allowed` with Allow for a known one.
 */
export function createRouter(endpoints: readonly Endpoint[]): (method: string, path: string) => Match {
  const compiled = endpoints.map((endpoint) => ({ endpoint, pattern: patternOf(endpoint.path) }));
  return (method, path) => {
    const samePath = compiled.flatMap(({ endpoint, pattern }) => {
      const found = pattern.exec(path);
      return found === null ? [] : [{ endpoint, params: { ...found.groups } }];
    });
    const match = samePath.find(({ endpoint }) => endpoint.method === method);
    if (match !== undefined) return match;
    if (samePath.length === 0) throw new Problem('not_found', 'The API has no such path.');
    const allowed = samePath.map(({ endpoint }) => endpoint.method).join(', ');
    throw new Problem('method_not_allowed', `Use ${allowed} here.`, { headers: { Allow: allowed } });
  };
}

function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.]/g, '\\.')
    .replace(/\{(\w+)\+\}/g, '(?<$1>.+)')
    .replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return new RegExp(`^${source}$`);
}
