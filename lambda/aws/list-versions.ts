import { parseXmlBody } from '@aws-sdk/core/protocols';
import { utf8 } from './http/service-error.ts';
import type { BucketAccess } from './storage-client.ts';
import { storageFault } from './storage-fault.ts';

/** An object version or delete marker. Bytes in bytes; 0 for a marker. */
export interface ObjectVersion {
  key: string;
  version: string;
  bytes: number;
  marker: boolean;
}

/** After which version a page begins. */
export interface PageStart {
  keyMarker?: string | undefined;
  versionIdMarker?: string | undefined;
}

interface Entry {
  Key?: string;
  VersionId?: string;
  Size?: string;
}
interface Listing {
  Version?: Entry | Entry[];
  DeleteMarker?: Entry | Entry[];
  IsTruncated?: string;
  NextKeyMarker?: string;
  NextVersionIdMarker?: string;
}

/**
 * One page of versions: keys in byte order, newest version first. Without versioning each object has one, named `null`.
 * @param query further limits of the listing.
 * @returns `next` unless it is the last page.
 * @throws TransientFailure `storage_unavailable`; `out_of_time` at the signal.
 */
export async function listVersions(
  { client, bucketName }: BucketAccess,
  { keyMarker, versionIdMarker }: PageStart,
  query: Record<string, string>,
  signal?: AbortSignal,
): Promise<{ found: ObjectVersion[]; next?: PageStart }> {
  const start = {
    ...(keyMarker === undefined ? {} : { 'key-marker': keyMarker }),
    ...(versionIdMarker === undefined ? {} : { 'version-id-marker': versionIdMarker }),
  };
  const page: Listing = await client
    .send({ operation: 'ListObjectVersions', bucketName, query: { ...query, ...start } }, signal)
    .then(({ body }) => parseXmlBody(body, utf8))
    .catch(storageFault('LIST versions', signal));
  const versions = entriesOf(page.Version, false);
  const found = [...versions, ...entriesOf(page.DeleteMarker, true)];
  if (page.IsTruncated !== 'true') return { found };
  return { found, next: { keyMarker: page.NextKeyMarker, versionIdMarker: page.NextVersionIdMarker } };
}

function entriesOf(entries: Entry | Entry[] | undefined, marker: boolean): ObjectVersion[] {
  return [entries ?? []]
    .flat()
    .flatMap(({ Key: key, VersionId: version = 'null', Size }) =>
      key === undefined ? [] : [{ key, version, bytes: Number(Size ?? 0), marker }],
    );
}
