import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { listPlaces } from './list-places.ts';
import type { BucketAccess } from './storage-client.ts';
import { options, storageFault } from './storage-fault.ts';

/** An object version or delete marker. Bytes in bytes; 0 for a marker. */
interface ObjectVersion {
  key: string;
  version: string;
  bytes: number;
  marker: boolean;
}

/** Uploads under one key: the first is the original. */
export interface FirstUpload {
  version: string;
  bytes: number;
  /** Later versions uploaded with the same ticket, newest first. */
  later: string[];
}

/** Finds uploads. All throw TransientFailure `storage_unavailable`; `out_of_time` at the signal. */
export function openVersions(bucket: BucketAccess) {
  return {
    /** The first upload, if any. Asks the bucket: S3 events and SQS messages are unordered. */
    async findFirstUpload(key: string, signal?: AbortSignal): Promise<FirstUpload | undefined> {
      const uploads: ObjectVersion[] = [];
      for await (const page of versionPages(bucket, key, signal))
        uploads.push(...page.filter((one) => one.key === key && !one.marker));
      const first = uploads.pop();
      if (first === undefined) return undefined;
      return { version: first.version, bytes: first.bytes, later: uploads.map(({ version }) => version) };
    },
    /** Those of the keys that have an upload, delete markers aside. */
    async findUploaded(keys: readonly string[], signal?: AbortSignal): Promise<Set<string>> {
      const uploaded = new Set<string>();
      await listPlaces(
        bucket,
        keys,
        async (found) => {
          for (const { key, marker } of found) if (!marker) uploaded.add(key);
        },
        signal,
      );
      return uploaded;
    },
  };
}

/**
 * All versions under a prefix in pages of at most 1000: keys in byte order, newest version first. Without versioning
 * each object has one version, named `null`.
 */
async function* versionPages(
  { client, bucketName }: BucketAccess,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ObjectVersion[]> {
  const place = { Bucket: bucketName, Prefix: prefix };
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page ?? {};
    const command = new ListObjectVersionsCommand({ ...place, KeyMarker, VersionIdMarker });
    page = await client.send(command, options(signal)).catch(storageFault('LIST versions', signal));
    const versions = (page.Versions ?? []).map((one) => ({ ...one, marker: false }));
    const markers = (page.DeleteMarkers ?? []).map((one) => ({ ...one, Size: 0, marker: true }));
    yield [...versions, ...markers].flatMap(({ Key, VersionId, Size, marker }) =>
      Key === undefined || VersionId === undefined
        ? []
        : [{ key: Key, version: VersionId, bytes: Size ?? 0, marker }],
    );
  } while (page.IsTruncated === true);
}
