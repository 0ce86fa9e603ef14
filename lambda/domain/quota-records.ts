import type { Resource } from './resources.ts';

/* What a store of quotas outside Postgres keeps there, so that lost counters can be rebuilt. */

/** Use of one resource by one tenant, by the store's clock. */
export interface CountedUse {
  resource: Resource;
  /** Taken from the bucket at `bucketAt`, in seconds since the epoch. */
  bucket: number;
  bucketAt: number;
  /** In UTC, as 2026-11-29. */
  day: string;
  /** Of `day` and its month, less what came back. */
  ofDay: number;
  ofMonth: number;
  /** Totals of `day` and its month that came back through Postgres and are counted already. */
  returnedOfDay: number;
  returnedOfMonth: number;
}

/** What came back through Postgres: reservations of images that ended. */
export interface Returned {
  resource: Resource;
  day: string;
  /** Totals of `day` and its month: what is more than the totals counted already is to be counted. */
  ofDay: number;
  ofMonth: number;
  /** To the bucket, less what has flowed in meanwhile. No total, so it is lost with an error; the bucket refills anyway. */
  toBucket: number;
}

export interface QuotaRecords {
  /**
   * The last saved use of resources; nothing was counted for a new one. @returns undefined for an unknown tenant.
   * @throws TransientFailure `database_unavailable`
   */
  read(
    tenant: string,
    resources: readonly Resource[],
    signal?: AbortSignal,
  ): Promise<CountedUse[] | undefined>;
  /**
   * Saves uses, unless a later one is there, and adds up what came back. @param perSecond of each bucket
   * @throws TransientFailure `database_unavailable`
   */
  save(
    tenant: string,
    uses: readonly (CountedUse & { perSecond: number })[],
    signal?: AbortSignal,
  ): Promise<Returned[]>;
}
