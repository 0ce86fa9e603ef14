import { marker, segments } from './jpeg-segments.ts';

/** Counts the scans of a JPEG, and no further once there are more than `enough`. */
export function countScans(jpeg: Uint8Array, enough: number): number {
  let scans = 0;
  for (const segment of segments(jpeg)) if (segment.marker === marker.startOfScan && ++scans > enough) break;
  return scans;
}
