import type { Resource } from '../../domain/resources.ts';
import { longestRetryAfterSeconds } from '../../domain/retry-after.ts';
import type { Limit } from '../../policy/quotas/limits.ts';

/** Units that the draft registers; an image is a request. Megapixels have a parameter of our own. */
const units: Record<Resource, string> = {
  requests: '',
  images: '',
  bytes: ';qu="content-bytes"',
  megapixels: ';sluice-unit="megapixels"',
};

/**
 * RateLimit-Policy and RateLimit as in draft-ietf-httpapi-ratelimit-headers: lists of strings with integer parameters.
 * `t` is capped like Retry-After, which must not be the earlier of the two.
 */
export function rateLimitFields(limits: readonly Limit[]): Record<string, string> {
  if (limits.length === 0) return {};
  const policies = limits.map(
    ({ name, resource, quota, windowSeconds }) => `"${name}";q=${quota}${units[resource]};w=${windowSeconds}`,
  );
  const states = limits.map(({ name, remaining, resetSeconds, retrySeconds }) => {
    const seconds = retrySeconds ?? resetSeconds;
    const reset =
      seconds === undefined
        ? ''
        : `;t=${Math.min(longestRetryAfterSeconds, Math.max(1, Math.ceil(seconds)))}`;
    return `"${name}";r=${remaining}${reset}`;
  });
  return { 'RateLimit-Policy': policies.join(', '), RateLimit: states.join(', ') };
}

/** These fields and the response's own, whose lists are joined. */
export function withRateLimits(
  fields: Record<string, string>,
  headers: Record<string, string>,
): Record<string, string> {
  const joined = Object.entries(fields).map(([name, list]) => [
    name,
    headers[name] === undefined ? list : `${headers[name]}, ${list}`,
  ]);
  return { ...headers, ...Object.fromEntries(joined) };
}
