import { DeleteObjectCommand, DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { TransientFailure } from '../domain/failure.ts';
import { options, storageAway } from './storage-fault.ts';
import { type ObjectVersion, versionPages } from './versions.ts';

/** Deletes one version of an object for good; one that is not there is no error. */
export async function deleteVersion(
  client: S3Client,
  bucketName: string,
  key: string,
  version: string,
  signal?: AbortSignal,
): Promise<void> {
  const command = new DeleteObjectCommand({ Bucket: bucketName, Key: key, VersionId: version });
  await client.send(command, options(signal)).catch((error: unknown) => {
    throw storageAway('DELETE version', error, signal);
  });
}

/**
 * Deletes an object with all its versions, and answers how many there were.
 * @throws TransientFailure `storage_away` when S3 is away or kept one of them; `out_of_time` at the signal.
 */
export function deleteObject(
  client: S3Client,
  bucketName: string,
  key: string,
  signal?: AbortSignal,
): Promise<number> {
  return deleteListed(client, bucketName, key, (one) => one.key === key, signal);
}

/**
 * Deletes every object under a prefix with all its versions, and answers how many there were.
 * @throws RangeError for a prefix that does not end in `/`: `derived/a/1` would take `derived/a/10` with it.
 * @throws TransientFailure `storage_away` when S3 is away or kept one of them; `out_of_time` at the signal.
 */
export async function deletePrefix(
  client: S3Client,
  bucketName: string,
  prefix: string,
  signal?: AbortSignal,
): Promise<number> {
  if (!/[^/]\/$/.test(prefix)) throw new RangeError('a prefix to delete ends in a slash and is not empty');
  return deleteListed(client, bucketName, prefix, () => true, signal);
}

async function deleteListed(
  client: S3Client,
  bucketName: string,
  prefix: string,
  wanted: (one: ObjectVersion) => boolean,
  signal: AbortSignal | undefined,
): Promise<number> {
  let deleted = 0;
  for await (const page of versionPages(client, bucketName, prefix, signal)) {
    // A page has at most 1000 versions, which is also what one DeleteObjects takes.
    const objects = page.filter(wanted).map(({ key, version }) => ({ Key: key, VersionId: version }));
    if (objects.length > 0) await deleteAll(client, bucketName, objects, signal);
    deleted += objects.length;
  }
  return deleted;
}

async function deleteAll(
  client: S3Client,
  bucketName: string,
  objects: { Key: string; VersionId: string }[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = new DeleteObjectsCommand({ Bucket: bucketName, Delete: { Objects: objects, Quiet: true } });
  const answer = await client.send(command, options(signal)).catch((error: unknown) => {
    throw storageAway('DELETE objects', error, signal);
  });
  const [first, ...others] = answer.Errors ?? [];
  if (first !== undefined)
    throw new TransientFailure(
      'storage_away',
      `DELETE objects: ${1 + others.length} kept, ${first.Code ?? 'no code'}`,
    );
}
