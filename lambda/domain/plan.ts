import type { Priority } from './preset.ts';
import type { Resource } from './resources.ts';

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
  /** `bulk`: all images of its tenants are refused first and admitted last. */
  priority?: Priority | undefined;
  quotas: Partial<Record<Resource, Quota | undefined>>;
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
