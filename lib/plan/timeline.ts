import { longestRetryAfterSeconds } from '../../lambda/domain/retry-after.ts';
import type { Course, Offer } from './campaign.ts';

/** A moment of a campaign by the arithmetic. */
export interface CourseMoment {
  at: number;
  /** Images that are admitted and not yet ready. */
  depth: number;
  /** Retry-After of a request that would come now. */
  told: number;
}

/** The same campaign over time, without a brown-out, in about so many moments. */
export function courseMoments(
  { images, pace, held, rampSeconds, allInSeconds, drainSeconds }: Course,
  { ratePerSecond }: Offer,
  moments = 240,
): CourseMoment[] {
  const rate = Math.min(ratePerSecond, pace.gateway);
  const offeredFor = images / rate;
  const steps = Array.from({ length: moments + 1 }, (_, n) => (n * drainSeconds) / moments);
  // The corners, so that lines have them.
  const corners = [offeredFor, allInSeconds, held / Math.max(1e-9, rate - pace.whole)];
  const times = [...steps, ...corners.filter((at) => at > 0 && at < drainSeconds)].sort((a, b) => a - b);
  return times.map((at) => {
    const offered = Math.min(images, rate * at);
    const worked = at < rampSeconds ? at ** 2 / (2 * rampSeconds) : at - rampSeconds / 2;
    const made = Math.min(offered, pace.whole * worked);
    const admitted = Math.min(offered, held + made);
    const told = Math.min(longestRetryAfterSeconds, (offered - admitted) / pace.whole);
    return { at, depth: admitted - made, told };
  });
}
