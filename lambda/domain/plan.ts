import type { Bounds } from './quota-store.ts';
import { type Resource, resources } from './resources.ts';
import type { Limits } from './settings.ts';

/** Bounds of one resource; absent ones do not exist. */
export interface Quota {
  /** Most at once, by a bucket that refills at the sustained rate. Default: ten seconds of it, at least one request. */
  burst?: number | undefined;
  /** The sustained rate, given in one of two units. */
  perSecond?: number | undefined;
  perMinute?: number | undefined;
  /** A calendar day and month in UTC, by the database's clock. */
  perDay?: number | undefined;
  perMonth?: number | undefined;
}

/** What a tenant may use, and its weight against the others. */
export interface Plan {
  /** Share of the capacity relative to other tenants; 1 by default. */
  weight: number;
  /** Valid tickets without an upload at one time. Absent: derived by the policy. */
  maxUnusedTickets?: number | undefined;
  quotas: Partial<Record<Resource, Quota>>;
}
export type Plans = Readonly<Record<string, Plan>>;

/** The plan of tenants without one, or whose plan no longer exists. */
export const defaultPlanName = 'default';
export const planNamePattern: RegExp = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Weight 1 without quotas. */
export const unlimitedPlan: Plan = { weight: 1, quotas: {} };

/** A rate, a day and a month count in doubles, which are exact up to 9e15. */
export const mostOfQuota = 1e15;
export const weights = { least: 0.01, most: 100 } as const;
export const mostUnusedTickets = 1_000_000;

/** The most that one request can need of a resource. */
export function largestNeed(resource: Resource, limits: Limits): number {
  if (resource === 'bytes') return limits.maxBytes;
  if (resource === 'megapixels')
    return Math.max(limits.maxPixelsJpeg, limits.maxPixels, limits.maxFramePixels) / 1e6;
  return 1;
}

/** Without a given burst the bucket holds this many seconds of the rate. */
const burstSeconds = 10;

/** The bounds of a quota; its burst is at least what one request can need. */
export function boundsOf(resource: Resource, quota: Quota, limits: Limits): Bounds {
  const { perDay, perMonth, perMinute } = quota;
  const perSecond = quota.perSecond ?? (perMinute === undefined ? undefined : perMinute / 60);
  if (perSecond === undefined) return { perDay, perMonth };
  const burst = quota.burst ?? Math.max(burstSeconds * perSecond, largestNeed(resource, limits));
  return { rate: { perSecond, burst }, perDay, perMonth };
}

/** Megapixels that an image of a declared type can have at most; reserved until it ends. */
export function reservedMegapixels(contentType: string, limits: Limits): number {
  const { maxPixels, maxPixelsJpeg, maxFramePixels } = limits;
  return (contentType === 'image/jpeg' ? maxPixelsJpeg : Math.max(maxPixels, maxFramePixels)) / 1e6;
}

/** The plan of a tenant as stored: its name, and the terms of that plan and of `default` if operators set them. */
export interface StoredPlan {
  plan: string | null;
  named: Plan | null;
  fallback: Plan | null;
}

/** The plan in effect: plans set by operators override those of the configuration. */
export function effectivePlan({ plan, named, fallback }: StoredPlan, configured: Plans): Plan {
  const own = named ?? (plan === null ? undefined : configured[plan]);
  return own ?? fallback ?? configured[defaultPlanName] ?? unlimitedPlan;
}

/** A mistake of a plan, with the path inside it. */
export interface PlanMistake {
  path: string;
  message: string;
}

/** Combinations of valid numbers that cannot work. */
export function planMistakes({ quotas }: Plan, limits: Limits): PlanMistake[] {
  return resources.flatMap((resource) => {
    const quota = quotas[resource];
    if (quota === undefined) return [];
    const at = (name: string, message: string) => ({ path: `quotas.${resource}${name}`, message });
    const { burst, perSecond, perMinute, perDay, perMonth } = quota;
    const need = largestNeed(resource, limits);
    const mistakes: PlanMistake[] = [];
    if ([burst, perSecond, perMinute, perDay, perMonth].every((bound) => bound === undefined))
      mistakes.push(at('', 'Set at least one bound, or leave the resource out.'));
    if (perSecond !== undefined && perMinute !== undefined)
      mistakes.push(at('.perMinute', 'Set perSecond or perMinute, not both.'));
    if (burst !== undefined && perSecond === undefined && perMinute === undefined)
      mistakes.push(
        at('.burst', 'A burst needs perSecond or perMinute: without a rate it is never refilled.'),
      );
    for (const [name, bound] of Object.entries({ burst, perDay, perMonth }))
      if (bound !== undefined && bound < need)
        mistakes.push(at(`.${name}`, `One request can need ${need} ${resource}: ${bound} < ${need}.`));
    if (perDay !== undefined && perMonth !== undefined && perDay > perMonth)
      mistakes.push(
        at(
          '.perDay',
          `A day could never use its quota: ${perDay} > ${perMonth} (quotas.${resource}.perMonth).`,
        ),
      );
    return mistakes;
  });
}
