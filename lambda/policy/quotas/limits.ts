import type { Bounds, Lease } from '../../domain/quota-store.ts';
import type { Resource } from '../../domain/resources.ts';

/** A bound as its tenant sees it. Times in seconds. */
export interface Limit {
  /** Such as `requests-burst`, `images-day`, `bytes-month`. */
  name: string;
  resource: Resource;
  quota: number;
  windowSeconds: number;
  remaining: number;
  /** Until more is available; absent if nothing was used. */
  resetSeconds?: number | undefined;
  /** Until a request that was refused by this bound fits; absent if it fits. */
  retrySeconds?: number | undefined;
}

/** A month counts as 30 days here, because a policy should not change from month to month. */
const monthSeconds = 30 * 86_400;

/**
 * The limits of a resource.
 * @param left unspent of the environment's slice
 * @param need of a refused request
 */
export function limitsOf(
  resource: Resource,
  { rate, perDay, perMonth }: Bounds,
  remaining: Lease['remaining'],
  { left, need, dayEnds, monthEnds }: { left: number; need?: number; dayEnds: number; monthEnds: number },
): Limit[] {
  const limit = (
    window: string,
    quota: number,
    windowSeconds: number,
    open: number,
    resets: { more: number; fits: number },
  ): Limit => ({
    name: `${resource}-${window}`,
    resource,
    quota: Math.floor(quota),
    windowSeconds: Math.max(1, Math.ceil(windowSeconds)),
    remaining: Math.max(0, Math.floor(open + left)),
    ...(open + left < quota ? { resetSeconds: Math.max(1, Math.ceil(resets.more)) } : {}),
    ...(need !== undefined && open < need ? { retrySeconds: resets.fits } : {}),
  });
  const { rate: inBucket = 0, day = 0, month = 0 } = remaining;
  return [
    ...(rate === undefined
      ? []
      : [
          limit('burst', rate.burst, rate.burst / rate.perSecond, inBucket, {
            more: 1 / rate.perSecond,
            fits: ((need ?? 0) - inBucket) / rate.perSecond,
          }),
        ]),
    ...(perDay === undefined ? [] : [limit('day', perDay, 86_400, day, { more: dayEnds, fits: dayEnds })]),
    ...(perMonth === undefined
      ? []
      : [limit('month', perMonth, monthSeconds, month, { more: monthEnds, fits: monthEnds })]),
  ];
}
