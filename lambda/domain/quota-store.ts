import type { Resource } from './resources.ts';

/*
 * Where the use of quotas is counted. Environments of the API take *slices* of a quota and spend them by themselves. What a
 * store has leased is never above a bound, so what is spent is not either, whatever the concurrency.
 */

/** The bounds of a resource; absent ones do not exist. */
export interface Bounds {
  /** A bucket of `burst` that refills at `perSecond`. */
  rate?: { perSecond: number; burst: number } | undefined;
  perDay?: number | undefined;
  perMonth?: number | undefined;
}

/** What is wanted of one resource. */
export interface Ask {
  resource: Resource;
  bounds: Bounds;
  /** Of the first request in line: with less, nothing is granted. */
  need: number;
  /** Of all requests in line; at least `need`. */
  queue: number;
  /** With requests expected soon; at least `queue`. Near the end of a day's or month's quota less of it is granted. */
  want: number;
}

/** An unspent part of an earlier slice. */
export interface Rest {
  resource: Resource;
  amount: number;
  /** Day of the slice in UTC, as 2026-11-29. Its month is the one that it counts in. */
  day: string;
  /** Since the slice was leased. */
  ageSeconds: number;
}

export interface LeaseRequest {
  tenant: string;
  asks: readonly Ask[];
  /** Given back in the same step, before the slices are cut. */
  rests: readonly Rest[];
}

/** Use of one resource after a lease. */
export interface Lease {
  resource: Resource;
  /** All or nothing: 0 for every ask if one of them gets less than it needs. */
  granted: number;
  /** What a further request finds; absent without that bound. */
  remaining: { rate?: number; day?: number; month?: number };
}

/** All times by the store's clock. */
export interface LeaseAnswer {
  leases: Lease[];
  /** Day of the slices in UTC, as 2026-11-29. */
  day: string;
  /** From the moment of the lease to the end of the day and month, in which the slices must be spent. */
  dayEndsInSeconds: number;
  monthEndsInSeconds: number;
}

export interface QuotaStore {
  /**
   * Leases slices for all resources of a request, atomically. @returns undefined for an unknown tenant.
   * @throws TransientFailure `database_unavailable`, `counters_unavailable`; slices may then have been leased, and are lost.
   */
  lease(request: LeaseRequest, signal?: AbortSignal): Promise<LeaseAnswer | undefined>;
  /** Gives back parts of slices, of any tenants. Lost with an error, so it is not repeated. */
  giveBack(rests: readonly (Rest & { tenant: string })[], signal?: AbortSignal): Promise<void>;
}

/** Seconds within which a slice is spent. */
export const sliceSeconds = 2;

/**
 * Part of what is left of a day's or month's quota that a slice may take beyond the requests in line. Twenty environments
 * that never come back then hold at most a twentieth of it. A bucket refills, so slices of it are not bounded.
 */
export const slicePart = 1 / 400;
