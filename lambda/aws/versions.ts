import { listPlaces } from './list-places.ts';
import { listVersions, type ObjectVersion, type PageStart } from './list-versions.ts';
import type { BucketAccess } from './storage-client.ts';

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

/** All versions under a prefix, in pages of at most 1000. */
async function* versionPages(
  bucket: BucketAccess,
  prefix: string,
  signal?: AbortSignal,
): AsyncGenerator<ObjectVersion[]> {
  let start: PageStart | undefined = {};
  while (start !== undefined) {
    const page: Awaited<ReturnType<typeof listVersions>> = await listVersions(
      bucket,
      start,
      { prefix },
      signal,
    );
    yield page.found;
    start = page.next;
  }
}
