import type { Quantiles } from '../../../simulator/quantiles.ts';
import type { Outcome, Phase } from '../result.ts';
import { rounded, roundedQuantiles } from '../rounded.ts';
import { type Change, ends } from './audit.ts';
import type { Order } from './orders.ts';

/** How an image ended, and how often that was recorded. */
export interface End {
  status: string;
  /** Milliseconds since the epoch. */
  at: number;
  times: number;
}

/** The ends of all images, from the changes that the database recorded. */
export function endsOf(changes: readonly Change[]): Map<string, End> {
  const found = new Map<string, End>();
  for (const { imageId, status, at, completing, was } of changes) {
    if (!ends.has(status) || completing) continue;
    const earlier = found.get(imageId);
    if (earlier === undefined) found.set(imageId, { status, at, times: 1 });
    // `failed` may be tried again by an operator; nothing else ends twice.
    else if (was !== 'failed') earlier.times += 1;
  }
  return found;
}

/** A time in which the database or the storage was away, in milliseconds since the epoch. */
export interface Away {
  from: number;
  to: number;
}

type FromOrders = Pick<
  Required<Outcome>,
  | 'images'
  | 'ready'
  | 'rejected'
  | 'failed'
  | 'lost'
  | 'late'
  | 'doubled'
  | 'soundRejected'
  | 'endedBy'
  | 'oldestSeconds'
  | 'oldestWithoutFaults'
  | 'unused'
>;

/** @param objective seconds */
export function outcomeOf(
  orders: readonly Order[],
  found: ReadonlyMap<string, End>,
  { objective, away, endedAt }: { objective: number; away: readonly Away[]; endedAt: number },
): FromOrders {
  const admitted = orders.filter(({ id }) => id !== undefined);
  const uploaded = admitted.filter(({ uploadedAt }) => uploadedAt !== undefined);
  const count = (status: string) =>
    uploaded.filter(({ id }) => found.get(id ?? '')?.status === status).length;
  let oldest = 0;
  let oldestWithoutFaults = 0;
  let late = 0;
  for (const { id, uploadedAt = 0 } of uploaded) {
    const until = found.get(id ?? '')?.at ?? endedAt;
    const seconds = (until - uploadedAt) / 1000;
    const faults = away.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(until, to) - Math.max(uploadedAt, from)) / 1000,
      0,
    );
    if (seconds - faults > objective) late += 1;
    oldest = Math.max(oldest, seconds);
    oldestWithoutFaults = Math.max(oldestWithoutFaults, seconds - faults);
  }
  return {
    images: uploaded.length,
    ready: count('ready'),
    rejected: count('rejected'),
    failed: count('failed'),
    lost: uploaded.filter(({ id }) => !found.has(id ?? '')).length,
    late,
    doubled: [...found.values()].filter(({ times }) => times > 1).length,
    soundRejected: uploaded.filter(
      ({ id, picture }) => picture === 'sound' && isOther(found.get(id ?? '')?.status),
    ).length,
    endedBy: countedBy(orders.flatMap(({ endedBy }) => /^(?:upload \d+|\S+)/.exec(endedBy ?? '')?.[0] ?? [])),
    oldestSeconds: rounded(oldest),
    oldestWithoutFaults: rounded(oldestWithoutFaults),
    unused: admitted.length - uploaded.length,
  };
}

/** An end that is neither counted as ready nor as failed. */
function isOther(status: string | undefined): boolean {
  return status !== undefined && status !== 'ready' && status !== 'failed';
}

function countedBy(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

/** The name under which all tenants but the loud one are summed up. */
export const othersName = 'others';

/**
 * Seconds from the first request to `ready`, by phase of the first request and by tenant, returns included. An image that
 * was on its way when the database or the storage was away counts in the phase `…, into a fault`. An order without an end counts in
 * its phase, whatever fell between, with the time until the run ended: left out, who is never served would make others fast.
 */
export function latencies(
  orders: readonly Order[],
  found: ReadonlyMap<string, End>,
  {
    phases,
    startedAt,
    loud,
    away,
    endedAt,
  }: {
    phases: readonly Phase[];
    startedAt: number;
    loud: string;
    away: readonly Away[];
    endedAt: number;
  },
): Record<string, Record<string, Quantiles>> {
  const served = orders.flatMap(({ id, tenant, firstAt, obedient, endedBy }) => {
    const end = found.get(id ?? '');
    if (!obedient || endedBy !== undefined || (end !== undefined && end.status !== 'ready')) return [];
    const faulty = end !== undefined && away.some(({ from, to }) => firstAt < to && end.at > from);
    const seconds = ((end?.at ?? endedAt) - firstAt) / 1000;
    return [{ tenant, faulty, at: (firstAt - startedAt) / 1000, seconds }];
  });
  const split = phases.flatMap(({ name, from, to }) => [
    { name, from, to, faulty: false },
    { name: `${name}, into a fault`, from, to, faulty: true },
  ]);
  return Object.fromEntries(
    split.map(({ name, from, to, faulty }) => {
      const own = served.filter((one) => one.faulty === faulty && one.at >= from && one.at < to);
      const of = (some: typeof own) => roundedQuantiles(some.map(({ seconds }) => seconds));
      const byTenant = [...Map.groupBy(own, ({ tenant }) => tenant)].sort(([a], [b]) => (a < b ? -1 : 1));
      return [
        name,
        {
          ...Object.fromEntries(byTenant.map(([tenant, some]) => [tenant, of(some)])),
          [othersName]: of(own.filter(({ tenant }) => tenant !== loud)),
        },
      ];
    }),
  );
}

/** Milliseconds of the requests that were answered, by phase. */
export function apiTimes(
  orders: readonly Order[],
  phases: readonly Phase[],
  startedAt: number,
): Record<string, Quantiles> {
  const attempts = orders.flatMap((order) => order.attempts).filter(({ status }) => status !== 0);
  return Object.fromEntries(
    phases.map(({ name, from, to }) => {
      const own = attempts.filter(({ at }) => at - startedAt >= from * 1000 && at - startedAt < to * 1000);
      return [name, roundedQuantiles(own.map(({ ms }) => ms))];
    }),
  );
}

/** Requests whose connection failed or that were given up without a response, by phase. They have no time that could be compared. */
export function unanswered(
  orders: readonly Order[],
  phases: readonly Phase[],
  startedAt: number,
): Record<string, number> {
  const times = orders
    .flatMap((order) => order.attempts)
    .filter(({ status }) => status === 0)
    .map(({ at }) => (at - startedAt) / 1000);
  return Object.fromEntries(
    phases.map(({ name, from, to }) => [name, times.filter((at) => at >= from && at < to).length]),
  );
}
