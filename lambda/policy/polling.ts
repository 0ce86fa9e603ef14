/** Share of the stage's requests for clients that poll: they share the API with those that need tickets. */
const shareOfStage = 0.1;
const longestSeconds = 3_600;

/**
 * Seconds until a client should poll an image again, at least 1.
 *
 * A new image is ready within a second or two; the older it is, the less another second matters. With many unfinished
 * images, all clients poll in turn: 50,000 at 100 requests a second take 500 s, half of their wait if workers finish 50 a
 * second. Jitter of half of it to both sides keeps clients that arrived together from returning together.
 * @param ageMs since the image was created
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
