import { methodsAt, type RouteName, routeNames, routes } from '../../domain/routes.ts';
import { Problem } from './problem.ts';

/* Routes by API Gateway's resource, because the path of a custom domain starts with a base path. */

/** Finds the route; HEAD uses GET's. @throws Problem `not_found`, or `method_not_allowed` with Allow. */
export function findRoute(method: string, resource: string): RouteName {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const found = routeNames.find((name) => routes[name].path === resource && routes[name].method === wanted);
  if (found !== undefined) return found;
  const allowed = methodsAt(resource).join(', ');
  if (allowed === '') throw new Problem('not_found', 'The API has no such path.');
  throw new Problem('method_not_allowed', `Use ${allowed} here.`, { headers: { Allow: allowed } });
}
