import { DeleteObjectCommand, DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { TransientFailure } from '../domain/failure.ts';
import { type Found, listPlaces } from './list-places.ts';
import type { BucketAccess } from './storage-client.ts';
import { options, storageFault } from './storage-fault.ts';

/** Places that are now empty; `error`, the first one, if not all are. */
export interface Removed {
  empty: Set<string>;
  error?: unknown;
}

export function openRemoval(bucket: BucketAccess) {
  const { client, bucketName: Bucket } = bucket;
  return {
    /** Deletes one version permanently; a missing one is no error. @throws TransientFailure `storage_unavailable` */
    async deleteVersion(key: string, version: string, signal?: AbortSignal): Promise<void> {
      const command = new DeleteObjectCommand({ Bucket, Key: key, VersionId: version });
      await client.send(command, options(signal)).catch(storageFault('DELETE version', signal));
    },

    /**
     * Deletes all versions at these places (keys, or prefixes that end in a slash). A version that S3 keeps fails its
     * place; an outage or abort fails all unfinished places, as TransientFailure `storage_unavailable` or `out_of_time`.
     * @throws RangeError for a place that would be the whole bucket.
     */
    async deleteAt(places: readonly string[], signal?: AbortSignal): Promise<Removed> {
      const empty = new Set<string>();
      const kept = new Set<string>();
      const errors: unknown[] = [];
      async function see(found: Found[], through: string[]): Promise<void> {
        if (found.length > 0) await remove(found);
        for (const place of through) if (!kept.has(place)) empty.add(place);
      }
      async function remove(found: Found[]): Promise<void> {
        // A page has at most 1000 versions, the limit of DeleteObjects.
        const Objects = found.map(({ key, version }) => ({ Key: key, VersionId: version }));
        const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
        const sent = client.send(command, options(signal));
        const { Errors = [] } = await sent.catch(storageFault('DELETE objects', signal));
        for (const { Key, Code } of Errors) {
          errors.push(
            new TransientFailure('storage_unavailable', `DELETE objects: one kept, ${Code ?? 'no code'}`),
          );
          const one = found.find(({ key }) => key === Key);
          // An error without a known key may concern any of them.
          for (const place of one === undefined ? places : [one.place]) kept.add(place);
        }
      }
      try {
        await listPlaces(bucket, places, see, signal);
      } catch (error) {
        if (!(error instanceof TransientFailure)) throw error;
        errors.push(error);
      }
      return errors.length === 0 ? { empty } : { empty, error: errors[0] };
    },
  };
}
