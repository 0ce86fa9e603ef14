/** Not before this, so that nobody meets an outage that an environment still remembers (lambda/api/outage.ts). */
const soonestSeconds = 5;
/** A wait grows by this part of the outage, up to so many seconds: it may last as long again. */
const growth = 0.25;
const mostGrowthSeconds = 25;
/** Over which those are spread about whom nothing is known. */
const spreadSeconds = 55;
const readingSpreadSeconds = 10;
/** Environments that an environment assumes when it has never heard of another: the default of `api.maxConcurrency`. */
const assumedEnvironments = 20;

/** Seconds until a request may return that came in an outage. @param age seconds since the last snapshot */
export function soonestReturn(age: number, random: () => number): number {
  return soonestSeconds + random() * Math.min(mostGrowthSeconds, growth * age);
}

/** Seconds until a request returns of which no turn can be known: an environment without a snapshot, an unknown caller. */
export function unknownReturn(random: () => number): number {
  return soonestSeconds + random() * spreadSeconds;
}

/** Seconds until a request that reads may be repeated: a failover takes about a minute, a restart seconds. */
export function readingReturn(random: () => number): number {
  return soonestSeconds + random() * readingSpreadSeconds;
}

/** The part of the drain that an environment may assume as its own, in units a second. */
export function unknownRate(priorPerSecond: number): number {
  return priorPerSecond / assumedEnvironments;
}
