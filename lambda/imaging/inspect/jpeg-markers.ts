import { marker, segments } from './jpeg-segments.ts';

/** Counts of a JPEG's markers. */
export interface Markers {
  scans: number;
  /** Scans, tables and everything else with a length; no restarts. */
  segments: number;
}

/** Counts the scans and segments of a JPEG, until there are more than `enough` of either. */
export function countMarkers(jpeg: Uint8Array, enough: Markers): Markers {
  const counted = { scans: 0, segments: 0 };
  for (const segment of segments(jpeg)) {
    counted.segments++;
    if (segment.marker === marker.startOfScan) counted.scans++;
    if (counted.scans > enough.scans || counted.segments > enough.segments) break;
  }
  return counted;
}
