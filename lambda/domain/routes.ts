/*
 * The HTTP API's routes. The function's dispatch, the OpenAPI document, docs/api.md, both gateways and the page derive
 * from this table. It has no imports, because the page loads it.
 */

export interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** In API Gateway's notation: `{id}` is one path segment, `{proxy+}` the rest. */
  path: string;
  /** `key` requires an API key. */
  access: 'open' | 'key';
  /** The gateways refuse a JSON body that is not an object. */
  takesJson?: true;
  /** The response is streamed, by a function of its own. The function of the other routes serves its other methods. */
  streamed?: true;
}

export const routes = {
  createImage: { method: 'POST', path: '/v1/images', access: 'key', takesJson: true },
  createTickets: { method: 'POST', path: '/v1/tickets', access: 'key', takesJson: true },
  listImages: { method: 'GET', path: '/v1/images', access: 'key' },
  getImage: { method: 'GET', path: '/v1/images/{id}', access: 'key' },
  editImage: { method: 'PATCH', path: '/v1/images/{id}', access: 'key', takesJson: true },
  deleteImage: { method: 'DELETE', path: '/v1/images/{id}', access: 'key' },
  getImageEvents: { method: 'GET', path: '/v1/images/{id}/events', access: 'key' },
  exportImages: { method: 'GET', path: '/v1/exports/images.csv', access: 'key', streamed: true },
  createWebhook: { method: 'POST', path: '/v1/webhooks', access: 'key', takesJson: true },
  listWebhooks: { method: 'GET', path: '/v1/webhooks', access: 'key' },
  getWebhook: { method: 'GET', path: '/v1/webhooks/{webhook}', access: 'key' },
  editWebhook: { method: 'PATCH', path: '/v1/webhooks/{webhook}', access: 'key', takesJson: true },
  deleteWebhook: { method: 'DELETE', path: '/v1/webhooks/{webhook}', access: 'key' },
  testWebhook: { method: 'POST', path: '/v1/webhooks/{webhook}/test', access: 'key' },
  rotateWebhook: { method: 'POST', path: '/v1/webhooks/{webhook}/rotate', access: 'key', takesJson: true },
  resumeWebhook: { method: 'POST', path: '/v1/webhooks/{webhook}/resume', access: 'key' },
  replayDead: { method: 'POST', path: '/v1/webhooks/{webhook}/replay', access: 'key' },
  listDeliveries: { method: 'GET', path: '/v1/webhooks/{webhook}/deliveries', access: 'key' },
  replayDelivery: {
    method: 'POST',
    path: '/v1/webhooks/{webhook}/deliveries/{delivery}/replay',
    access: 'key',
  },
  createExport: { method: 'POST', path: '/v1/exports', access: 'key', takesJson: true },
  getExport: { method: 'GET', path: '/v1/exports/{export}', access: 'key' },
  deleteExport: { method: 'DELETE', path: '/v1/exports/{export}', access: 'key' },
  getUsage: { method: 'GET', path: '/v1/usage', access: 'key' },
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

type VariablesIn<Path> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${infer Greedy}+` ? Greedy : Name) | VariablesIn<Rest>
  : never;
/** Variables of a route's path. */
export type PathVariable<Name extends RouteName = RouteName> = VariablesIn<(typeof routes)[Name]['path']>;

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

/** Methods of a path that take JSON. */
export function jsonMethodsAt(path: string): Route['method'][] {
  return Object.values<Route>(routes)
    .filter((route) => route.path === path && route.takesJson === true)
    .map(({ method }) => method);
}

/** Methods of a path whose response is streamed. */
export function streamedMethodsAt(path: string): Route['method'][] {
  return Object.values<Route>(routes)
    .filter((route) => route.path === path && route.streamed === true)
    .map(({ method }) => method);
}

/** The path of a route with its variables filled in, each as one segment. */
export function pathOf<Name extends RouteName>(
  name: Name,
  values: { readonly [Variable in PathVariable<Name>]: string },
): string {
  return routes[name].path.replace(/\{(\w+)\+?\}/g, (_, variable: PathVariable<Name>) =>
    encodeURIComponent(values[variable]),
  );
}
