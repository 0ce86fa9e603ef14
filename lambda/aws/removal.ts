import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { TransientFailure } from '../domain/failure.ts';
import { type Found, leap } from './leap.ts';
import { options, storageUnavailable } from './storage-fault.ts';

/** Deletes one version permanently; a missing one is no error. */
export async function deleteVersion(
  client: S3Client,
  bucketName: string,
  key: string,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: bucketName, Key: key, VersionId: version });
  await client.send(command, options(signal)).catch((error: unknown) => {
    throw storageUnavailable('DELETE version', error, signal);
  });
}

/**
 * Deletes all versions at these places (keys, or prefixes that end in a slash). Returns the places that are now empty.
 * A version that S3 keeps fails its place; an outage or abort fails all unfinished places.
 * @returns `error` if not all are empty: the first TransientFailure `storage_unavailable` or `out_of_time`.
 * @throws RangeError for a place that would be the whole bucket.
 */
export async function deleteAt(
  client: S3Client,
  bucketName: string,
  places: readonly string[],
  signal?: AbortSignal,
): Promise<{ empty: Set<string>; error?: unknown }> {
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
    const command = new DeleteObjectsCommand({ Bucket: bucketName, Delete: { Objects, Quiet: true } });
    const { Errors = [] } = await client.send(command, options(signal)).catch((error: unknown) => {
      throw storageUnavailable('DELETE objects', error, signal);
    });
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
    await leap(client, bucketName, places, see, signal);
  } catch (error) {
    if (!(error instanceof TransientFailure)) throw error;
    errors.push(error);
  }
  return errors.length === 0 ? { empty } : { empty, error: errors[0] };
}
