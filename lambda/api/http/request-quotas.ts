import type { Amounts } from '../../domain/resources.ts';
import { longestRetryAfterSeconds } from '../../domain/retry-after.ts';
import type { Limit } from '../../policy/quotas/limits.ts';
import type { QuotaRefusal, Quotas, Taken } from '../../policy/quotas/quotas.ts';
import { keyUnknown, Problem, retryAfter } from './problem.ts';
import { rateLimitFields } from './rate-limit.ts';

/** The quotas of one request. */
export interface RequestQuotas {
  /**
   * Takes all amounts or nothing.
   * @throws Problem `quota_exceeded`, `unauthenticated`; TransientFailure `database_unavailable`.
   */
  take(tenant: string, amounts: Amounts): Promise<Taken>;
  /** The RateLimit fields of all limits that the request met. */
  fields(): Record<string, string>;
}

export function openRequestQuotas(quotas: Pick<Quotas, 'take'>): RequestQuotas {
  // The latest of each name: a request for several tickets takes each of them.
  const met = new Map<string, Limit>();
  return {
    async take(tenant, amounts) {
      const result = await quotas.take(tenant, amounts);
      if (result.outcome === 'tenant_gone') throw keyUnknown();
      for (const limit of result.limits) met.set(limit.name, limit);
      if (result.outcome === 'refused') throw quotaExceeded(result);
      return result;
    },
    fields: () => rateLimitFields([...met.values()]),
  };
}

function quotaExceeded({ violated, retryAfterSeconds }: QuotaRefusal): Problem {
  const seconds = Math.ceil(retryAfterSeconds);
  const minutes = Math.ceil(seconds / 60);
  const when =
    seconds <= longestRetryAfterSeconds
      ? `Try again in ${seconds} seconds.`
      : `It opens in ${Math.floor(minutes / 60)} h ${minutes % 60} min; Retry-After is capped at one hour.`;
  const names = violated.map((name) => `"${name}"`).join(' and ');
  return new Problem('quota_exceeded', `The quota ${names} is used up. ${when}`, {
    headers: retryAfter(Math.min(longestRetryAfterSeconds, seconds)),
    violatedPolicies: violated,
  });
}
