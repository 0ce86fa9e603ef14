import { longestRetryAfterSeconds } from '../domain/retry-after.ts';

/** Share of the stage's requests for clients that poll: they share the API with those that need tickets. */
const shareOfStage = 0.1;
/** Polls of an image in the time that all work of its tenant takes, if the API could serve more. */
const mostPolls = 1.3;

/**
 * Seconds until a client should poll an image again, at least 1.
 *
 * A new image of a tenant without others is ready within a second or two; the older it is, the less another second
 * matters. Behind much work of its own tenant, it is polled after three quarters of the time that this takes. All tenants
 * together finish as many images a second as the drain, so clients poll at about that rate, or at what the API has.
 * Jitter of half of it to both sides keeps clients that arrived together from returning together.
 * @param ageMs since the image was created
 * @param work unfinished work of its tenant
 * @param pace of that work, in units a second
 * @param drain of the work of all tenants
 * @param random as Math.random
 */
export function secondsToPoll(
  {
    ageMs,
    work,
    pace,
    drain,
    requestsPerSecond,
  }: {
    ageMs: number;
    work: number;
    pace: number;
    drain: number;
    requestsPerSecond: number;
  },
  random: () => number,
): number {
  const byAge = Math.min(30, Math.max(1, ageMs / 10_000));
  const polls = Math.min(mostPolls, (requestsPerSecond * shareOfStage) / drain);
  const byTurn = Math.min(longestRetryAfterSeconds, work / pace / polls);
  return byTurn <= byAge ? byAge : Math.max(1, byTurn * (0.5 + random()));
}
