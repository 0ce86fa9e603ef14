import type { S3Client } from '@aws-sdk/client-s3';
import { leap } from './leap.ts';

/** Which keys have an upload, delete markers aside. @throws TransientFailure `storage_unavailable`, `out_of_time` */
export async function findUploaded(
  client: S3Client,
  bucketName: string,
  keys: readonly string[],
  signal?: AbortSignal,
): Promise<Set<string>> {
  const uploaded = new Set<string>();
  await leap(
    client,
    bucketName,
    keys,
    async (found) => {
      for (const { key, marker } of found) if (!marker) uploaded.add(key);
    },
    signal,
  );
  return uploaded;
}
