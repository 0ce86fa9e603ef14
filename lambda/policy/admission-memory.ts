import type { AdmissionReadings, ImageCounts } from '../domain/admission.ts';
import { type AdmissionLimits, type Decision, decideAdmission, type Refusal } from './admission.ts';

/**
 * Admission in one environment of the API. Counting a full backlog takes 15 to 26 ms, so a count is used for a second: if
 * it reached a bound, requests are refused without a query; otherwise a hundredth of what is free is admitted uncounted,
 * because a hundred environments may do the same.
 */
export interface AdmissionPolicy {
  /** The refusal still valid for a tenant, if any. */
  standingRefusal(tenant: string): Refusal | undefined;
  /** Bounds for the statement that inserts the next image; absent ones are not counted. */
  bounds(tenant: string): ImageCounts;
  /** Decides by the readings of that statement, and remembers them. */
  decide(tenant: string, readings: AdmissionReadings): Decision;
  /** Remembers a count of the unfinished images of all tenants. */
  counted(unfinished: number): void;
  /** The last count, while fresh enough to estimate a waiting time. */
  unfinished(): number | undefined;
}

const readingLivesMs = 1_000;
const environments = 100;
const everyTenant = '';
/** Beyond this all are dropped, so that tenants cannot fill the memory. */
const rememberedRefusals = 1_000;

/**
 * Lifetime of a count as an estimate of the waiting time, in milliseconds. A count of 50,000 takes 15 ms or more and
 * changes by some percent in ten seconds; a small one is cheap and may double in one.
 */
function countLivesMs(unfinished: number): number {
  return Math.min(10_000, Math.max(1_000, unfinished / 5));
}

/** @param now milliseconds, as Date.now */
export function openAdmission(limits: AdmissionLimits, now: () => number): AdmissionPolicy {
  let uncounted = 0;
  let lastCount = 0;
  let countedAt = Number.NEGATIVE_INFINITY;
  const refusals = new Map<string, { refusal: Refusal; at: number }>();

  function counted(unfinished: number): void {
    lastCount = unfinished;
    uncounted = Math.floor((limits.all - unfinished) / environments);
    countedAt = now();
    if (unfinished < limits.all) refusals.delete(everyTenant);
  }

  return {
    standingRefusal(tenant) {
      const fresh = [everyTenant, tenant]
        .map((whose) => refusals.get(whose))
        .find((known) => known !== undefined && now() - known.at <= readingLivesMs);
      return fresh?.refusal;
    },
    bounds() {
      if (uncounted < 1 || now() - countedAt > readingLivesMs) return limits;
      uncounted -= 1;
      return { tenant: limits.tenant };
    },
    decide(tenant, readings) {
      const decision = decideAdmission(readings, limits);
      const { all } = readings.unfinished;
      if (all !== undefined) counted(Math.min(all, limits.all));
      if (decision.admitted) return decision;
      if (refusals.size >= rememberedRefusals) refusals.clear();
      const whose = decision.reached === 'all' ? everyTenant : tenant;
      refusals.set(whose, { refusal: decision, at: now() });
      return decision;
    },
    counted,
    unfinished: () => (now() - countedAt > countLivesMs(lastCount) ? undefined : lastCount),
  };
}
