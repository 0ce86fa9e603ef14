import type { Clock } from './clock.ts';
import { exponential } from './random.ts';

export interface Arrivals {
  /** Requests a second, of all tenants. */
  ratePerSecond: number;
  seconds: number;
  tenants?: number | undefined;
  /** Of the first tenant. Default: as much as the others. */
  loudShare?: number | undefined;
}

/** Tenants, the first of whom may be loud: t0, t1, … */
export function tenantOf({ tenants = 10, loudShare = 1 / tenants }: Arrivals, random: () => number): string {
  if (tenants <= 1 || random() < loudShare) return 't0';
  return `t${1 + Math.floor(random() * (tenants - 1))}`;
}

/**
 * Requests that come independently of each other and of the responses.
 * @returns whether more will come
 */
export function openArrivals(
  clock: Clock,
  arrivals: Arrivals,
  random: () => number,
  send: (tenant: string) => void,
): () => boolean {
  const { ratePerSecond, seconds } = arrivals;
  const ends = clock.now + seconds;
  let coming = true;
  const next = () => {
    const gap = exponential(1 / ratePerSecond, random);
    coming = clock.now + gap < ends;
    if (coming)
      clock.after(gap, () => {
        send(tenantOf(arrivals, random));
        next();
      });
  };
  next();
  return () => coming;
}
