import { TransientFailure } from '../domain/failure.ts';
import type { CountedUse, QuotaRecords, Returned } from '../domain/quota-records.ts';
import {
  type Ask,
  type Lease,
  type LeaseAnswer,
  type LeaseRequest,
  type QuotaStore,
  type Rest,
  slicePart,
} from '../domain/quota-store.ts';
import type { Resource } from '../domain/resources.ts';
import type { ValkeyConnection } from './connection.ts';
import { giveBackScript, leaseScript, seedScript, settleScript } from './scripts.ts';

/**
 * A tenant's counters are saved in Postgres by the lease that finds them this old, or this part of a day's or month's quota
 * ahead. So much of them is lost with the server, and a quota may then be exceeded by it.
 */
export const saveSeconds = 5;
export const savePart = 1 / 20;

const secondsOfDay = 86_400;
/** Days since 1970-01-01, as the scripts count. */
const numberOf = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000 / secondsOfDay;
const dayOf = (number: number) => new Date(number * secondsOfDay * 1000).toISOString().slice(0, 10);
/** All keys of a tenant are in one slot of a cluster: its name is the hash tag. */
const keysOf = (tenant: string, resources: readonly Resource[]) =>
  resources.map((resource) => `sluice:{${tenant}}:${resource}`);

export interface ValkeyQuotasOptions {
  connection: ValkeyConnection;
  /** The durable copy. */
  records: QuotaRecords;
  /** Called when a save failed. The lease holds; the next save is due in `saveSeconds`. */
  onUnsaved: (error: unknown) => void;
}

/**
 * The use of quotas in Valkey or Redis: one script per lease, by the server's clock. Unknown tenants are found only while
 * nothing is counted for them. Counters that are missing, new or lost, begin with what Postgres has of them.
 */
export function valkeyQuotas({ connection, records, onUnsaved }: ValkeyQuotasOptions): QuotaStore {
  const lease = async ({ tenant, asks, rests }: LeaseRequest): Promise<Leased | readonly Resource[]> => {
    const keys = keysOf(
      tenant,
      asks.map(({ resource }) => resource),
    );
    const input = {
      part: slicePart,
      saveSeconds,
      savePart,
      asks: asks.map((ask) => inputOf(ask, rests)),
    };
    return leasedIn(asks, (await connection.run(leaseScript, keys, input)) as string[]);
  };

  /** @returns false for an unknown tenant */
  async function rebuild(tenant: string, lost: readonly Resource[], signal?: AbortSignal): Promise<boolean> {
    const uses = await records.read(tenant, lost, signal);
    if (uses === undefined) return false;
    const seeds = uses.map(({ bucketAt, day, returnedOfDay, returnedOfMonth, ...use }) => ({
      ...use,
      at: bucketAt,
      day: numberOf(day),
      seenDay: returnedOfDay,
      seenMonth: returnedOfMonth,
    }));
    const keys = keysOf(
      tenant,
      seeds.map(({ resource }) => resource),
    );
    await connection.run(seedScript, keys, seeds);
    return true;
  }

  /** Saves counters and counts what came back through Postgres. @returns whether anything did */
  async function settle(
    { tenant, asks }: LeaseRequest,
    due: readonly CountedUse[],
    signal?: AbortSignal,
  ): Promise<boolean> {
    try {
      const rates = new Map(asks.map(({ resource, bounds }) => [resource, bounds.rate?.perSecond ?? 0]));
      const uses = due.map((use) => ({ ...use, perSecond: rates.get(use.resource) ?? 0 }));
      const returned = (await records.save(tenant, uses, signal)).filter((total) => isNews(total, due));
      if (returned.length === 0) return false;
      const totals = returned.map(({ day, ...total }) => ({ ...total, day: numberOf(day) }));
      const keys = keysOf(
        tenant,
        totals.map(({ resource }) => resource),
      );
      await connection.run(settleScript, keys, totals);
      return true;
    } catch (error) {
      onUnsaved(error);
      return false;
    }
  }

  return {
    async lease(request, signal) {
      let leased = await lease(request);
      if (!('answer' in leased)) {
        if (!(await rebuild(request.tenant, leased, signal))) return undefined;
        leased = await lease(request);
      }
      if (!('answer' in leased))
        throw new TransientFailure('counters_unavailable', 'the server does not keep counters');
      if (leased.due.length === 0) return leased.answer;
      const isMore = await settle(request, leased.due, signal);
      if (!isMore || leased.answer.leases.every(({ granted }) => granted > 0)) return leased.answer;
      const again = await lease({ ...request, rests: [] });
      return 'answer' in again ? again.answer : leased.answer;
    },

    async giveBack(rests) {
      const tenants = Map.groupBy(rests, ({ tenant }) => tenant);
      for (const [tenant, own] of tenants) {
        const resources = Map.groupBy(own, ({ resource }) => resource);
        const input = [...resources.values()].map((all) =>
          all.map(({ day, amount, ageSeconds }) => [numberOf(day), amount, Math.max(0, ageSeconds)]),
        );
        await connection.run(giveBackScript, keysOf(tenant, [...resources.keys()]), input);
      }
    },
  };
}

function inputOf({ resource, bounds: { rate, ...windows }, ...ask }: Ask, rests: readonly Rest[]) {
  const mine = rests.filter((rest) => rest.resource === resource);
  const perSecond = rate?.perSecond ?? 0;
  const toBucket = mine.map(({ amount, ageSeconds }) =>
    Math.max(0, amount - perSecond * Math.max(0, ageSeconds)),
  );
  return {
    ...ask,
    ...rate,
    ...windows,
    toBucket: toBucket.reduce((sum, one) => sum + one, 0),
    back: mine.map(({ day, amount }) => [numberOf(day), amount]),
  };
}

interface Leased {
  answer: LeaseAnswer;
  /** To be saved. */
  due: CountedUse[];
}

/** Numbers of each resource in the reply of `leaseScript`. */
const width = 7;

/** @returns the resources whose counters are missing, if any are */
function leasedIn(asks: readonly Ask[], [outcome, ...reply]: string[]): Leased | Resource[] {
  if (outcome === 'lost') return reply.flatMap((index) => asks[Number(index) - 1]?.resource ?? []);
  const [now = 0, today = 0, ...numbers] = reply.map(Number);
  const day = dayOf(today);
  const due: CountedUse[] = [];
  const leases = asks.map(({ resource, bounds: { rate, perDay, perMonth } }, index): Lease => {
    const own = numbers.slice(index * width, (index + 1) * width);
    const [granted = 0, bucket = 0, ofDay = 0, ofMonth = 0, isDue = 0] = own;
    const [returnedOfDay = 0, returnedOfMonth = 0] = own.slice(5);
    if (isDue === 1)
      due.push({ resource, bucket, bucketAt: now, day, ofDay, ofMonth, returnedOfDay, returnedOfMonth });
    return {
      resource,
      granted,
      remaining: {
        ...(rate === undefined ? {} : { rate: Math.max(0, rate.burst - bucket) }),
        ...(perDay === undefined ? {} : { day: Math.max(0, perDay - ofDay) }),
        ...(perMonth === undefined ? {} : { month: Math.max(0, perMonth - ofMonth) }),
      },
    };
  });
  const [year = 0, month = 1] = day.split('-').map(Number);
  return {
    answer: {
      leases,
      day,
      dayEndsInSeconds: (today + 1) * secondsOfDay - now,
      monthEndsInSeconds: Date.UTC(year, month, 1) / 1000 - now,
    },
    due,
  };
}

function isNews(total: Returned, counted: readonly CountedUse[]): boolean {
  const use = counted.find(({ resource }) => resource === total.resource);
  if (use === undefined || total.toBucket > 0) return true;
  return total.ofDay > use.returnedOfDay || total.ofMonth > use.returnedOfMonth;
}
