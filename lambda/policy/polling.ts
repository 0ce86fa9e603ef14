/*
 * When a client that waits for an image should ask again. Clients that wait use the same API as those that need tickets,
 * so polling as told by all of them together takes a tenth of the requests of the stage.
 */

const shareOfStage = 0.1;
const longestSeconds = 3_600;

/**
 * Seconds until the next look at an image, at least 1.
 *
 * A fresh image is ready within a second or two; the older it gets, the less a second more matters. Where many wait,
 * the time lets all of them ask in turn: 50,000 at 100 requests a second are 500 s, half of what they wait where
 * workers finish 50 a second. It is spread by half of itself to both sides, so that clients that came in one minute
 * do not come back in one minute.
 * @param ageMs since the image was created, by the clock that is handed in
 * @param unfinished images that wait or are processed
 * @param random as Math.random
 */
export function secondsToPoll(
  { ageMs, unfinished, requestsPerSecond }: { ageMs: number; unfinished: number; requestsPerSecond: number },
  random: () => number,
): number {
  const byAge = Math.min(30, Math.max(1, ageMs / 10_000));
  const byTurn = Math.min(longestSeconds, unfinished / (requestsPerSecond * shareOfStage));
  return byTurn <= byAge ? byAge : Math.max(1, byTurn * (0.5 + random()));
}
