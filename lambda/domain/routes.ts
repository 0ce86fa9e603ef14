/* The HTTP API's routes, for the router, the OpenAPI document, API Gateway and the local gateway. */

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** In the notation of API Gateway: `{id}` is one path segment, `{proxy+}` the rest. */
  path: string;
  /** `key` requires an API key. */
  access: 'open' | 'key';
}

export const routes = {
  createImage: { method: 'POST', path: '/v1/images', access: 'key' },
  listImages: { method: 'GET', path: '/v1/images', access: 'key' },
  getImage: { method: 'GET', path: '/v1/images/{id}', access: 'key' },
  deleteImage: { method: 'DELETE', path: '/v1/images/{id}', access: 'key' },
  listPresets: { method: 'GET', path: '/v1/presets', access: 'key' },
  health: { method: 'GET', path: '/health', access: 'open' },
  page: { method: 'GET', path: '/', access: 'open' },
  pageFile: { method: 'GET', path: '/console/{proxy+}', access: 'open' },
} as const satisfies Record<string, Route>;

export type RouteName = keyof typeof routes;

/** Routes without an API key. */
export type OpenRouteName = {
  [Name in RouteName]: (typeof routes)[Name]['access'] extends 'open' ? Name : never;
}[RouteName];

export const routeNames = Object.keys(routes) as RouteName[];

/** Every distinct path: the resources of API Gateway. */
export const resourcePaths: readonly string[] = [...new Set(Object.values(routes).map(({ path }) => path))];

/** Methods of a path: HEAD where there is GET, OPTIONS everywhere. Empty for an unknown path. */
export function methodsAt(path: string): string[] {
  const own = Object.values(routes)
    .filter((route) => route.path === path)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return own.length === 0 ? [] : [...own, 'OPTIONS'];
}
