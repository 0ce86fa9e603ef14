import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { BucketAccess } from './storage-client.ts';
import { options, storageFault } from './storage-fault.ts';

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
  { client, bucketName }: BucketAccess,
  places: readonly string[],
  see: (found: Found[], through: string[]) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  if (places.some((place) => place === '' || place === '/')) throw new RangeError('a place has a name');
  const sorted = places.toSorted();
  let at = 0;
  let marker: { KeyMarker: string; VersionIdMarker?: string | undefined } | undefined;
  for (let place = sorted[at]; place !== undefined; place = sorted[at]) {
    const command = new ListObjectVersionsCommand({
      Bucket: bucketName,
      // Listing starts after the marker: one character less than the place.
      ...(marker ?? { KeyMarker: place.slice(0, -1) }),
      // For few places a long page would mostly list others.
      MaxKeys: Math.min(largestPage, 20 + 2 * (sorted.length - at)),
    });
    const page = await client.send(command, options(signal)).catch(storageFault('LIST versions', signal));
    const keys = [
      ...(page.Versions ?? []).map((one) => ({ ...one, marker: false })),
      ...(page.DeleteMarkers ?? []).map((one) => ({ ...one, marker: true })),
    ];
    const end = page.IsTruncated === true ? page.NextKeyMarker : undefined;
    const first = at;
    // Places before the end of the page are complete.
    while (at < sorted.length && (end === undefined || isBefore(sorted[at] ?? '', end))) at += 1;
    const asked = sorted.slice(first, at + 1);
    const found = keys.flatMap(({ Key = '', VersionId = 'null', marker: isMarker }) => {
      const where = asked.find((one) => isAt(one, Key));
      return where === undefined ? [] : [{ place: where, key: Key, version: VersionId, marker: isMarker }];
    });
    await see(found, sorted.slice(first, at));
    // Continue after the page, or at the next place if that is further.
    const next = sorted[at];
    marker =
      end !== undefined && next !== undefined && end >= next.slice(0, -1)
        ? { KeyMarker: end, VersionIdMarker: page.NextVersionIdMarker }
        : undefined;
  }
}

function isBefore(place: string, key: string): boolean {
  return place < key && !isAt(place, key);
}
