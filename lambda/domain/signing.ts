/** Signing dates are rounded down to this, so that a URL stays the same for a while and caches work. */
export const signingFloorSeconds = 15 * 60;

/**
 * A signature ends with the session of its role, whatever its expiry. Lambda does not report that; URLs signed by
 * functions ended after 12 hours (boto/boto3#2392). One hour is a margin for credentials older than their environment.
 */
export const sessionSeconds = 11 * 3600;

/** Longest download lifetime in seconds. A URL has less only if its environment is older than five hours. */
export const longestDownloadSeconds = 6 * 3600 - signingFloorSeconds;

/** Age in seconds of the oldest valid signature of a ticket or download. The bucket refuses older ones. */
export function longestSignatureSeconds(uploads: { ticketSeconds: number; downloadSeconds: number }): number {
  return Math.max(uploads.ticketSeconds, uploads.downloadSeconds + signingFloorSeconds);
}
