/*
 * The routes of the HTTP API, written here and nowhere else: the router, the OpenAPI document, API Gateway and the
 * gateway of the local runner are made from this table.
 */

export interface Route {
  method: 'GET' | 'POST' | 'DELETE';
  /** As API Gateway writes it: `{id}` is one part of a path, `{proxy+}` is the rest. */
  path: string;
  /** `key`: of a tenant, who shows an API key. */
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

/** The routes that anybody may call. */
export type OpenRouteName = {
  [Name in RouteName]: (typeof routes)[Name]['access'] extends 'open' ? Name : never;
}[RouteName];

export const routeNames = Object.keys(routes) as RouteName[];

/** Every path once: a resource of API Gateway. */
export const resourcePaths: readonly string[] = [...new Set(Object.values(routes).map(({ path }) => path))];

/** The methods that a path takes: HEAD wherever GET is, OPTIONS everywhere. Empty for a path that there is not. */
export function methodsAt(path: string): string[] {
  const own = Object.values(routes)
    .filter((route) => route.path === path)
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return own.length === 0 ? [] : [...own, 'OPTIONS'];
}
