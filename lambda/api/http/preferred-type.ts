import type { ApiRequest } from './request.ts';

/**
 * Whether Accept names this type (RFC 9110, 12.5.1) and not JSON before it. Ranges such as `*` do not count: JSON is what a
 * client gets that did not ask for anything else.
 */
export function prefers({ headers }: Pick<ApiRequest, 'headers'>, type: string): boolean {
  const qualities = new Map(
    (headers.get('accept') ?? '').split(',').map((range) => {
      const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
      return [name, quality === undefined ? 1 : Number(quality)];
    }),
  );
  const wanted = qualities.get(type) ?? 0;
  return wanted > 0 && wanted >= (qualities.get('application/json') ?? 0);
}
