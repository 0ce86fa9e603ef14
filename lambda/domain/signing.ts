/** Signing dates of downloads are floored to this, so that browsers and ETags see the same URL for a while. */
export const signingFloorSeconds = 15 * 60;

/**
 * Seconds that the oldest signature may have which is still good: of a ticket, signed when it is given, or of a
 * download, signed as if at the last quarter of an hour. The bucket refuses what is older.
 */
export function longestSignatureSeconds(uploads: { ticketSeconds: number; downloadSeconds: number }): number {
  return Math.max(uploads.ticketSeconds, uploads.downloadSeconds + signingFloorSeconds);
}
