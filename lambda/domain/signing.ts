/** Signing dates of downloads are floored to this, so that browsers and ETags see the same URL for a while. */
export const signingFloorSeconds = 15 * 60;

/**
 * A signature is worth nothing once the session of the role that made it is over, whatever expiry is in it. Lambda does
 * not say when that is; URLs signed by functions were seen to end after 12 hours (boto/boto3#2392). An hour of that is
 * left for credentials that were older than their environment.
 */
export const sessionSeconds = 11 * 3600;

/**
 * The longest life of a download that can be configured, in seconds. An environment lives for some hours, and what
 * its session has left then must still be enough: a URL says less only where the environment is older than five hours.
 */
export const longestDownloadSeconds = 6 * 3600 - signingFloorSeconds;

/**
 * Seconds that the oldest signature may have which is still good: of a ticket, signed when it is given, or of a
 * download, signed as if at the last quarter of an hour. The bucket refuses what is older.
 */
export function longestSignatureSeconds(uploads: { ticketSeconds: number; downloadSeconds: number }): number {
  return Math.max(uploads.ticketSeconds, uploads.downloadSeconds + signingFloorSeconds);
}
