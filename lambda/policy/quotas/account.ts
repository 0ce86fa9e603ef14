import type { Plan } from '../../domain/plan.ts';
import {
  type Ask,
  type Bounds,
  type LeaseAnswer,
  type QuotaStore,
  type Rest,
  sliceSeconds,
} from '../../domain/quota-store.ts';
import type { Amounts, Resource } from '../../domain/resources.ts';
import { type Limit, limitsOf } from './limits.ts';

/** A moment, in seconds. A frozen environment's monotonic clock may stand still, and its wall clock may be set. */
export interface Moment {
  monotonic: number;
  wall: number;
}
export type Clock = () => Moment;

/** Seconds between two moments: the longer time, so that no slice is spent too late. */
export function secondsBetween(from: Moment, to: Moment): number {
  return Math.max(0, to.monotonic - from.monotonic, to.wall - from.wall);
}

/** What a request takes of one resource. */
export interface Share {
  resource: Resource;
  amount: number;
  bounds: Bounds;
}

/** A slice in an environment. */
export interface Slice {
  at: Moment;
  day: string;
  endsAfterSeconds: number;
  left: Amounts;
  answer: LeaseAnswer;
}

interface Refusal {
  at: Moment;
  answer: LeaseAnswer;
  shares: readonly Share[];
  /** A fresh one is repeated without asking the store; also that of a slice that emptied its bucket, once it is spent. */
  freshSeconds: number;
}

/** The slices of one tenant for resources that requests take together, in one environment. */
export interface Account {
  readonly tenant: string;
  plan: Plan;
  slice: Slice | undefined;
  refusal: Refusal | undefined;
  /** Needed by the requests that wait for a lease. */
  queue: Amounts;
  leasing: Promise<void> | undefined;
  /** Spent since the last lease, and the estimate of a second's use. */
  spent: Amounts;
  pace: Amounts;
  leasedAt: Moment | undefined;
  /** What refused requests were promised for later. */
  promised: { amount: number; at: Moment } | undefined;
}

export function openAccount(tenant: string, plan: Plan): Account {
  return {
    tenant,
    plan,
    slice: undefined,
    refusal: undefined,
    queue: {},
    leasing: undefined,
    spent: {},
    pace: {},
    leasedAt: undefined,
    promised: undefined,
  };
}

export function isOver(slice: Slice, now: Moment): boolean {
  return secondsBetween(slice.at, now) >= slice.endsAfterSeconds;
}

export function restsOf({ left, day, at }: Slice, now: Moment): Rest[] {
  return Object.entries(left)
    .filter(([, amount]) => amount > 0)
    .map(([resource, amount]) => ({
      resource: resource as Resource,
      amount,
      day,
      ageSeconds: secondsBetween(at, now),
    }));
}

/** Spends shares of the slice; false if it has too little. */
export function spend({ slice, spent }: Account, shares: readonly Share[], now: Moment): boolean {
  if (slice === undefined || isOver(slice, now)) return false;
  if (shares.some(({ resource, amount }) => (slice.left[resource] ?? 0) < amount)) return false;
  for (const { resource, amount } of shares) {
    slice.left[resource] = (slice.left[resource] ?? 0) - amount;
    spent[resource] = (spent[resource] ?? 0) + amount;
  }
  return true;
}

/** The pace after a lease: an average over about a second. */
export function paceAfter(pace: number, spent: number, seconds: number): number {
  return seconds >= 1 ? spent / seconds : pace * (1 - seconds) + spent;
}

/** Leases the next slice, or remembers why there is none. @returns false for an unknown tenant */
export async function leaseSlice(
  account: Account,
  shares: readonly Share[],
  {
    store,
    clock,
    signal,
    returning,
  }: {
    store: QuotaStore;
    clock: Clock;
    signal?: AbortSignal | undefined;
    /** Of earlier slices. */
    returning: readonly Rest[];
  },
): Promise<boolean> {
  const at = clock();
  const since = account.leasedAt === undefined ? 0 : secondsBetween(account.leasedAt, at);
  const asks = shares.map(({ resource, amount, bounds }): Ask => {
    const pace = paceAfter(account.pace[resource] ?? 0, account.spent[resource] ?? 0, since);
    account.pace[resource] = pace;
    const queue = Math.max(amount, account.queue[resource] ?? 0);
    return { resource, bounds, need: amount, queue, want: queue + Math.floor(pace) };
  });
  const rests = [...returning, ...(account.slice === undefined ? [] : restsOf(account.slice, at))];
  account.slice = undefined;
  account.spent = {};
  account.leasedAt = at;
  const answer = await store.lease({ tenant: account.tenant, asks, rests }, signal);
  if (answer === undefined) return false;
  const granted = answer.leases.every((lease) => lease.granted > 0);
  if (granted)
    account.slice = {
      at,
      day: answer.day,
      endsAfterSeconds: Math.min(sliceSeconds, answer.dayEndsInSeconds),
      left: Object.fromEntries(answer.leases.map((lease) => [lease.resource, lease.granted])),
      answer,
    };
  account.refusal =
    granted && !isDry(asks, answer)
      ? undefined
      : {
          at: clock(),
          answer,
          shares,
          freshSeconds: freshSeconds(shares, limits(shares, answer, { clock, at })),
        };
  return true;
}

/** A slice that emptied its bucket is smaller than wanted. Its next one would be one unit. */
function isDry(asks: readonly Ask[], { leases }: LeaseAnswer): boolean {
  return asks.some(({ resource, want, need }) => {
    const lease = leases.find((one) => one.resource === resource);
    return lease !== undefined && lease.granted < want && (lease.remaining.rate ?? Infinity) < need;
  });
}

/**
 * Asked again at least once a second, because plans change and reservations come back. A bucket is not asked before a
 * twentieth has flowed in: twenty environments of a tenant at its limit would otherwise lease its last units one by one.
 */
function freshSeconds(shares: readonly Share[], refused: readonly Limit[]): number {
  const waits = refused.flatMap(({ retrySeconds }) => retrySeconds ?? []);
  const refills = shares.flatMap(({ bounds: { rate } }) => (rate ? rate.burst / rate.perSecond / 20 : []));
  const least = Math.min(0.5, Math.max(0.05, ...refills));
  return Math.min(1, Math.max(least, ...waits));
}

/** The limits after a lease; of a refused request with the time until it fits. */
export function limits(
  shares: readonly Share[],
  answer: LeaseAnswer,
  { clock, at, left }: { clock: Clock; at: Moment; left?: Amounts },
): Limit[] {
  const passed = secondsBetween(at, clock());
  return shares.flatMap(({ resource, amount, bounds }) => {
    const lease = answer.leases.find((one) => one.resource === resource);
    return limitsOf(resource, bounds, lease?.remaining ?? {}, {
      left: left?.[resource] ?? 0,
      dayEnds: Math.max(1, answer.dayEndsInSeconds - passed),
      monthEnds: Math.max(1, answer.monthEndsInSeconds - passed),
      ...(left === undefined ? { need: amount } : {}),
    });
  });
}

/** The fresh refusal that applies to a request: one of at least the same size was refused by the same bound. */
export function standingRefusal(
  { refusal }: Account,
  shares: readonly Share[],
  clock: Clock,
): Limit[] | undefined {
  if (refusal === undefined || secondsBetween(refusal.at, clock()) >= refusal.freshSeconds) return undefined;
  const found = limits(shares, refusal.answer, { clock, at: refusal.at });
  return found.some(({ retrySeconds }) => retrySeconds !== undefined) ? found : undefined;
}
