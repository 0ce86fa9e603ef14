import { openOriginals } from './originals.ts';
import { openRemoval } from './removal.ts';
import { type BucketOptions, storageClient } from './storage-client.ts';
import { openVariants } from './variants.ts';
import { openVersions } from './versions.ts';

/** The one bucket: originals under `incoming/`, variants under `derived/`. Each call ends at its signal as `out_of_time`. */
export type Bucket = ReturnType<typeof openBucket>;

/** Opens the bucket without sending anything. */
export function openBucket({ bucketName, client = storageClient() }: BucketOptions) {
  const bucket = { bucketName, client };
  return {
    ...openOriginals(bucket),
    ...openVersions(bucket),
    ...openVariants(bucket),
    ...openRemoval(bucket),
  };
}
