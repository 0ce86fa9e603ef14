import type { AdmissionReadings, ImageCounts } from '../domain/admission.ts';
import type { ProblemCode } from '../domain/problems.ts';

/** Limits of unfinished images: of all tenants, and of one tenant if that is bounded. */
export interface AdmissionLimits extends ImageCounts {
  all: number;
}

/** Why an image is refused, and after how many seconds to retry. */
export interface Refusal {
  admitted: false;
  reached: keyof AdmissionLimits;
  code: Extract<ProblemCode, 'overloaded'>;
  retryAfterSeconds: number;
}
export type Decision = { admitted: true } | Refusal;

/** Decides on one image. The inserting statement compares the same numbers, so both agree. */
export function decideAdmission(
  { unfinished, finishedInLastMinute }: AdmissionReadings,
  limits: AdmissionLimits,
): Decision {
  for (const reached of ['all', 'tenant'] as const) {
    const limit = limits[reached] ?? Number.POSITIVE_INFINITY;
    if ((unfinished[reached] ?? 0) < limit) continue;
    const retryAfterSeconds = secondsUntilRetry(limit, finishedInLastMinute);
    return { admitted: false, reached, code: 'overloaded', retryAfterSeconds };
  }
  return { admitted: true };
}

/** Share of the limit that must be free before a retry: with less, most retries would fail again. */
const worthwhile = 0.05;

/**
 * Seconds until a producer should retry, from 5 to 600: the workers' time for a twentieth of the limit at the pace of the
 * last minute. 600 if none was finished.
 */
export function secondsUntilRetry(limit: number, finishedInLastMinute: number): number {
  const wanted = Math.max(1, Math.ceil(limit * worthwhile));
  return Math.min(600, Math.max(5, Math.ceil((wanted * 60) / finishedInLastMinute)));
}
