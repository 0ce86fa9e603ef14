import type { AdmissionReadings, ImageCounts } from '../domain/admission.ts';
import type { ProblemCode } from '../domain/problems.ts';

/** Images that may be unfinished at once: of all tenants, and of one tenant where that is bounded. */
export interface AdmissionLimits extends ImageCounts {
  all: number;
}

/** Why an image is refused, and in how many seconds the producer should try again. */
export interface Refusal {
  admitted: false;
  reached: keyof AdmissionLimits;
  code: Extract<ProblemCode, 'overloaded'>;
  retryAfterSeconds: number;
}
export type Decision = { admitted: true } | Refusal;

/** Decides on one image. The statement that inserts it compares the same numbers, so both agree. */
export function decideAdmission(
  { unfinished, finishedInLastMinute }: AdmissionReadings,
  limits: AdmissionLimits,
): Decision {
  for (const reached of ['all', 'tenant'] as const) {
    const limit = limits[reached] ?? Number.POSITIVE_INFINITY;
    if ((unfinished[reached] ?? 0) < limit) continue;
    const retryAfterSeconds = secondsUntilRoom(limit, finishedInLastMinute);
    return { admitted: false, reached, code: 'overloaded', retryAfterSeconds };
  }
  return { admitted: true };
}

/** Part of the limit that must be free before a retry is worthwhile: with less, most of those who wait fail again. */
const worthwhile = 0.05;

/**
 * When a producer should try again: the time that the workers need for a twentieth of the limit at the pace of the last
 * minute, in seconds, between 5 and 600. 600 where nothing was finished in it.
 */
export function secondsUntilRoom(limit: number, finishedInLastMinute: number): number {
  const wanted = Math.max(1, Math.ceil(limit * worthwhile));
  return Math.min(600, Math.max(5, Math.ceil((wanted * 60) / finishedInLastMinute)));
}
