import { type Ask, type Lease, type Rest, slicePart } from '../../domain/quota-store.ts';
import type { Resource } from '../../domain/resources.ts';

/* The arithmetic of a store: a bucket, a day and a month. lambda/postgres/quotas has it in SQL; one suite tests both. */

/** Use of one resource by one tenant. */
export interface Use {
  /** Taken from the bucket at `bucketAt`, in seconds since the epoch. */
  bucket: number;
  bucketAt: number;
  day: string;
  ofDay: number;
  ofMonth: number;
}

/** The day of a moment in UTC, as 2026-11-29. @param at seconds since the epoch */
export function dayOf(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 10);
}

/** Seconds since the epoch at which a day ends. */
export function dayEnd(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1000 + 86_400;
}

export function monthEnd(day: string): number {
  const [year = 0, month = 1] = day.split('-').map(Number);
  return Date.UTC(year, month, 1) / 1000;
}

const monthOf = (day: string) => day.slice(0, 7);
const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0);

/** The use at a moment, after what came back. A late return counts less what has flowed into the bucket meanwhile. */
export function useAt(use: Use, { bounds }: Ask, rests: readonly Rest[], at: number): Use {
  const today = dayOf(at) > use.day ? dayOf(at) : use.day;
  const perSecond = bounds.rate?.perSecond ?? 0;
  const back = (mine: (rest: Rest) => boolean) => sum(rests.filter(mine).map(({ amount }) => amount));
  const toBucket = sum(
    rests.map(({ amount, ageSeconds }) => Math.max(0, amount - perSecond * Math.max(0, ageSeconds))),
  );
  const sameMonth = monthOf(use.day) === monthOf(today);
  return {
    bucket: Math.max(0, use.bucket - toBucket - perSecond * Math.max(0, at - use.bucketAt)),
    bucketAt: at,
    day: today,
    ofDay: Math.max(0, (use.day === today ? use.ofDay : 0) - back(({ day }) => day === today)),
    ofMonth: Math.max(0, (sameMonth ? use.ofMonth : 0) - back(({ day }) => monthOf(day) === monthOf(today))),
  };
}

/** What is left of the quotas of the day and month. */
function leftOver({ bounds }: Ask, use: Use): number {
  return Math.min((bounds.perDay ?? Infinity) - use.ofDay, (bounds.perMonth ?? Infinity) - use.ofMonth);
}

export function available(ask: Ask, use: Use): number {
  return Math.min((ask.bounds.rate?.burst ?? Infinity) - use.bucket, leftOver(ask, use));
}

/** The slice of an ask whose need is available: whole units, or the need itself. */
export function sliceOf(ask: Ask, use: Use): number {
  const prefetched = Math.min(ask.want, leftOver(ask, use) * slicePart);
  return Math.max(ask.need, Math.floor(Math.min(available(ask, use), Math.max(ask.queue, prefetched))));
}

/** The use after a grant. */
export function taken(use: Use, { bounds }: Ask, granted: number): Use {
  return {
    ...use,
    bucket: bounds.rate === undefined ? 0 : use.bucket + granted,
    ofDay: use.ofDay + granted,
    ofMonth: use.ofMonth + granted,
  };
}

export function leaseOf(resource: Resource, { bounds }: Ask, use: Use, granted: number): Lease {
  const { rate, perDay, perMonth } = bounds;
  return {
    resource,
    granted,
    remaining: {
      ...(rate === undefined ? {} : { rate: Math.max(0, rate.burst - use.bucket) }),
      ...(perDay === undefined ? {} : { day: Math.max(0, perDay - use.ofDay) }),
      ...(perMonth === undefined ? {} : { month: Math.max(0, perMonth - use.ofMonth) }),
    },
  };
}
