/**
 * Headers that let pages of `origins` read a response. Each is an origin as in a CORS rule of S3, with at most one `*` for
 * any text, or `*` alone.
 * @param origin the request's Origin, or empty
 * @param exposed names of headers that scripts may read besides the safelisted ones
 */
export function originHeaders(
  origin: string,
  origins: readonly string[],
  exposed: readonly string[],
): Record<string, string> {
  const headers = { 'Access-Control-Expose-Headers': exposed.join(', ') };
  if (origins.includes('*')) return { 'Access-Control-Allow-Origin': '*', ...headers };
  const known = origins.some((pattern) => matches(pattern, origin));
  // Caches must keep responses to different origins apart.
  return { Vary: 'Origin', ...(known ? { 'Access-Control-Allow-Origin': origin, ...headers } : {}) };
}

function matches(pattern: string, origin: string): boolean {
  const [before = '', after] = pattern.split('*', 2);
  if (after === undefined) return pattern === origin;
  return origin.length >= before.length + after.length && origin.startsWith(before) && origin.endsWith(after);
}
