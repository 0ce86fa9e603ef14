import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  type S3Client,
} from '@aws-sdk/client-s3';
import { TransientFailure } from '../domain/failure.ts';
import { options, storageAway } from './storage-fault.ts';

/** Deletes one object; one that is not there is no error. */
export async function deleteObject(
  client: S3Client,
  bucketName: string,
  key: string,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await client.send(new DeleteObjectCommand({ Bucket: bucketName, Key: key }), options(signal));
  } catch (error) {
    throw storageAway('DELETE object', error, signal);
  }
}

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
 * Deletes every object under a prefix and answers how many there were.
 * @throws RangeError for a prefix that does not end in `/`: `derived/a/1` would take `derived/a/10` with it.
 * @throws TransientFailure `storage_away` when S3 is away or kept one of them.
 */
export async function deletePrefix(
  client: S3Client,
  bucketName: string,
  prefix: string,
  signal?: AbortSignal,
): Promise<number> {
  if (!/[^/]\/$/.test(prefix)) throw new RangeError('a prefix to delete ends in a slash and is not empty');
  let deleted = 0;
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucketName,
      Prefix: prefix,
      ContinuationToken: token,
    });
    const page = await client.send(command, options(signal)).catch((error: unknown) => {
      throw storageAway('LIST objects', error, signal);
    });
    // A page has at most 1000 keys, which is also what one DeleteObjects takes.
    const keys = (page.Contents ?? []).flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
    if (keys.length > 0) await deleteAll(client, bucketName, keys, signal);
    deleted += keys.length;
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return deleted;
}

async function deleteAll(
  client: S3Client,
  bucketName: string,
  keys: { Key: string }[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = new DeleteObjectsCommand({ Bucket: bucketName, Delete: { Objects: keys, Quiet: true } });
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
