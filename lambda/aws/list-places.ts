import { listVersions, type PageStart } from './list-versions.ts';
import type { BucketAccess } from './storage-client.ts';

/** A version or delete marker at one of the requested places. */
export interface Found {
  place: string;
  key: string;
  version: string;
  marker: boolean;
}

/** S3's own limit. */
const largestPage = 1_000;

/** A place is a key, or a prefix that ends in a slash. */
function isAt(place: string, key: string): boolean {
  return place.endsWith('/') ? key.startsWith(place) : key === place;
}

/**
 * Finds all versions at many places, such as those of neighbouring images. Pages run over several places and skip gaps:
 * one call for a hundred images, where a call each would cost a second of CPU. At most one per place and full page.
 * @param see receives what was found, and the places that are complete.
 * @throws RangeError for a place that would be the whole bucket.
 * @throws TransientFailure `storage_unavailable`; `out_of_time` at the signal
 */
export async function listPlaces(
  bucket: BucketAccess,
  places: readonly string[],
  see: (found: Found[], through: string[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  if (places.some((place) => place === '' || place === '/')) throw new RangeError('a place has a name');
  const sorted = places.toSorted();
  let at = 0;
  let marker: PageStart | undefined;
  for (let place = sorted[at]; place !== undefined; place = sorted[at]) {
    // Listing starts after the marker: one character less than the place.
    const start = marker ?? { keyMarker: place.slice(0, -1) };
    // For few places a long page would mostly list others.
    const most = Math.min(largestPage, 20 + 2 * (sorted.length - at));
    const page = await listVersions(bucket, start, { 'max-keys': String(most) }, signal);
    const end = page.next?.keyMarker;
    const first = at;
    // Places before the end of the page are complete.
    while (at < sorted.length && (end === undefined || isBefore(sorted[at] ?? '', end))) at += 1;
    const asked = sorted.slice(first, at + 1);
    const found = page.found.flatMap(({ key, version, marker: isMarker }) => {
      const where = asked.find((one) => isAt(one, key));
      return where === undefined ? [] : [{ place: where, key, version, marker: isMarker }];
    });
    await see(found, sorted.slice(first, at));
    // Continue after the page, or at the next place if that is further.
    const next = sorted[at];
    marker = end !== undefined && next !== undefined && end >= next.slice(0, -1) ? page.next : undefined;
  }
}

function isBefore(place: string, key: string): boolean {
  return place < key && !isAt(place, key);
}
