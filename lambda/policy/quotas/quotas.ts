import { effectivePlan, type Plan, type Plans, type StoredPlan } from '../../domain/plan.ts';
import { boundsOf } from '../../domain/plan-rules.ts';
import type { QuotaStore, Rest } from '../../domain/quota-store.ts';
import { type Amounts, resources } from '../../domain/resources.ts';
import type { Limits } from '../../domain/settings.ts';
import {
  type Account,
  type Clock,
  isOver,
  leaseSlice,
  limits as limitsAfter,
  type Moment,
  openAccount,
  restsOf,
  type Share,
  type Slice,
  secondsBetween,
  spend,
  standingRefusal,
} from './account.ts';
import type { Limit } from './limits.ts';

/** What a request took of its tenant's quotas, of bounded resources only. */
export interface Taken {
  outcome: 'taken';
  limits: Limit[];
  /** Empty without quotas. */
  amounts: Amounts;
  /** Day that it counts in, in UTC; absent if nothing was counted. */
  day?: string;
  /** The slice that it was taken of. */
  slice?: Slice;
}
export interface QuotaRefusal {
  outcome: 'refused';
  limits: Limit[];
  /** Names of the limits that were exceeded. */
  violated: string[];
  /** Until the request fits; by a day's or month's limit perhaps long. */
  retryAfterSeconds: number;
}
/** The tenant was removed while its key was remembered. */
export interface TenantGone {
  outcome: 'tenant_gone';
}

/** Quotas in one environment of the API. */
export interface Quotas {
  /** Notes the stored plan of a tenant, as its key was found. */
  note(tenant: string, stored: StoredPlan): void;
  /** The plan last noted. */
  planOf(tenant: string): Plan;
  /**
   * Takes all amounts or nothing: from a slice without a statement, else by one.
   * @throws TransientFailure `database_unavailable`
   */
  take(tenant: string, amounts: Amounts, signal?: AbortSignal): Promise<Taken | QuotaRefusal | TenantGone>;
  /** Gives back what a request took and did not use. */
  giveBack(tenant: string, taken: Taken): void;
  /** Returns expired slices to the store, at most once a second. What fails is lost. */
  flush(signal?: AbortSignal): Promise<void>;
}

/** What waits to be returned to the store; its age counts from `at`. */
type Return = Rest & { tenant: string; at: Moment };

/** Beyond this, idle tenants are forgotten, so that they cannot fill the memory. */
const mostTenants = 1_000;
const flushEverySeconds = 1;

export function openQuotas({
  store,
  plans,
  limits,
  clock,
}: {
  store: QuotaStore;
  plans: Plans;
  limits: Limits;
  clock: Clock;
}): Quotas {
  const noted = new Map<string, { stored: StoredPlan; plan: Plan }>();
  const accounts = new Map<string, Account>();
  /** Oldest first: all slices live equally long. */
  const leased: { account: Account; slice: Slice }[] = [];
  /** Those that can still be spent of. */
  const live = new WeakSet<Slice>();
  let returns: Return[] = [];
  let flushedAt: Moment | undefined;

  const planOf = (tenant: string) =>
    noted.get(tenant)?.plan ?? effectivePlan({ plan: null, named: null, fallback: null }, plans);

  function sharesOf(plan: Plan, amounts: Amounts): Share[] {
    return resources.flatMap((resource) => {
      const quota = plan.quotas[resource];
      const amount = amounts[resource] ?? 0;
      return quota === undefined || amount <= 0
        ? []
        : [{ resource, amount, bounds: boundsOf(resource, quota, limits) }];
    });
  }

  function accountOf(tenant: string, plan: Plan, shares: readonly Share[]): Account {
    const name = `${tenant} ${shares.map(({ resource }) => resource).join(' ')}`;
    let account = accounts.get(name);
    if (account === undefined) {
      if (accounts.size >= mostTenants) forgetIdle();
      account = openAccount(tenant, plan);
      accounts.set(name, account);
    }
    // Another plan may allow what was refused.
    if (account.plan !== plan) Object.assign(account, { plan, refusal: undefined });
    return account;
  }

  function forgetIdle(): void {
    collect(clock());
    for (const [name, { slice, leasing }] of accounts)
      if (slice === undefined && leasing === undefined) accounts.delete(name);
  }

  /** Moves what expired slices have left to the returns. */
  function collect(now: Moment): void {
    const first = leased.findIndex(({ slice }) => !isOver(slice, now));
    const over = leased.splice(0, first < 0 ? leased.length : first);
    for (const { account, slice } of over) {
      if (account.slice !== slice) continue;
      account.slice = undefined;
      live.delete(slice);
      for (const rest of restsOf(slice, now)) returns.push({ ...rest, tenant: account.tenant, at: now });
    }
  }

  /** Removes returns, with their age at this moment. */
  function takeReturns(which: (one: Return) => boolean): (Rest & { tenant: string })[] {
    const now = clock();
    const [given, others] = [returns.filter(which), returns.filter((one) => !which(one))];
    returns = others;
    return given.map(({ at, ageSeconds, ...rest }) => ({
      ...rest,
      ageSeconds: ageSeconds + secondsBetween(at, now),
    }));
  }

  async function lease(account: Account, shares: readonly Share[], signal?: AbortSignal): Promise<boolean> {
    const asked = new Set(shares.map(({ resource }) => resource));
    if (account.slice !== undefined) live.delete(account.slice);
    const returning = takeReturns((one) => one.tenant === account.tenant && asked.has(one.resource));
    const known = await leaseSlice(account, shares, { store, clock, signal, returning });
    if (account.slice !== undefined) {
      leased.push({ account, slice: account.slice });
      live.add(account.slice);
    }
    return known;
  }

  function refused(account: Account, limits: Limit[], shares: readonly Share[]): QuotaRefusal {
    const violated = limits.filter(({ retrySeconds }) => retrySeconds !== undefined);
    const waits = violated.map((limit) =>
      Math.max(limit.retrySeconds ?? 0, limit.name.endsWith('-burst') ? turn(account, limit, shares) : 0),
    );
    return {
      outcome: 'refused',
      limits,
      violated: violated.map(({ name }) => name),
      retryAfterSeconds: Math.max(1, ...waits),
    };
  }

  /** Spreads those refused together over the time in which the bucket refills, so that they do not return as a herd. */
  function turn(account: Account, { resource }: Limit, shares: readonly Share[]): number {
    const share = shares.find((one) => one.resource === resource);
    const rate = share?.bounds.rate;
    if (share === undefined || rate === undefined) return 0;
    const at = clock();
    const { amount: before, at: since } = account.promised ?? { amount: 0, at };
    const open = Math.max(0, before - rate.perSecond * secondsBetween(since, at));
    const amount = Math.min(rate.burst, open + share.amount);
    account.promised = { amount, at };
    return amount / rate.perSecond;
  }

  return {
    note(tenant, stored) {
      if (noted.get(tenant)?.stored === stored) return;
      if (noted.size >= mostTenants) noted.clear();
      noted.set(tenant, { stored, plan: effectivePlan(stored, plans) });
    },
    planOf,

    async take(tenant, amounts, signal) {
      const plan = planOf(tenant);
      const shares = sharesOf(plan, amounts);
      if (shares.length === 0) return { outcome: 'taken', limits: [], amounts: {} };
      const account = accountOf(tenant, plan, shares);
      let inLine = false;
      const line = (sign: 1 | -1) => {
        inLine = sign === 1;
        for (const { resource, amount } of shares)
          account.queue[resource] = Math.max(0, (account.queue[resource] ?? 0) + sign * amount);
      };
      try {
        for (;;) {
          if (spend(account, shares, clock()) && account.slice !== undefined) {
            const { slice } = account;
            const { answer, at, day, left } = slice;
            return {
              outcome: 'taken',
              limits: limitsAfter(shares, answer, { clock, at, left }),
              amounts: Object.fromEntries(shares.map(({ resource, amount }) => [resource, amount])),
              day,
              slice,
            };
          }
          const standing =
            account.leasing === undefined ? standingRefusal(account, shares, clock) : undefined;
          if (standing !== undefined) return refused(account, standing, shares);
          if (!inLine) line(1);
          account.leasing ??= lease(account, shares, signal).then(
            (known) => {
              account.leasing = undefined;
              if (!known) throw new UnknownTenant();
            },
            (error: unknown) => {
              account.leasing = undefined;
              throw error;
            },
          );
          await account.leasing;
        }
      } catch (error) {
        if (error instanceof UnknownTenant) return { outcome: 'tenant_gone' };
        throw error;
      } finally {
        if (inLine) line(-1);
      }
    },

    giveBack(tenant, { amounts, slice }) {
      if (slice === undefined) return;
      const now = clock();
      const { left, day, at } = slice;
      const isOpen = live.has(slice) && !isOver(slice, now);
      for (const resource of resources) {
        const amount = amounts[resource];
        if (amount === undefined) continue;
        if (isOpen) left[resource] = (left[resource] ?? 0) + amount;
        else returns.push({ tenant, resource, amount, day, ageSeconds: secondsBetween(at, now), at: now });
      }
    },

    async flush(signal) {
      const now = clock();
      if (flushedAt !== undefined && secondsBetween(flushedAt, now) < flushEverySeconds) return;
      collect(now);
      if (returns.length === 0) return;
      flushedAt = now;
      await store.giveBack(
        takeReturns(() => true),
        signal,
      );
    },
  };
}

class UnknownTenant extends Error {}
