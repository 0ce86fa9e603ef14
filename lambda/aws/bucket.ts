import type { S3Client } from '@aws-sdk/client-s3';
import { getOriginal, headOriginal, type NewOriginal, type OriginalHead, putOriginal } from './originals.ts';
import { deleteObject, deletePrefix } from './removal.ts';
import { storageClient } from './storage-client.ts';
import { type NewVariant, putVariant } from './variants.ts';

/** The one bucket: originals under `incoming/`, variants under `derived/`. What each call throws is said where it is defined. */
export interface Bucket {
  headOriginal(key: string): Promise<OriginalHead | undefined>;
  getOriginal(key: string, maxBytes: number): Promise<Buffer>;
  putOriginal(original: NewOriginal): Promise<void>;
  putVariant(variant: NewVariant): Promise<void>;
  deleteObject(key: string): Promise<void>;
  deletePrefix(prefix: string): Promise<number>;
}

/** Opens the bucket. Nothing is sent until a method is called. */
export function openBucket({
  bucketName,
  client = storageClient(),
}: {
  bucketName: string;
  client?: S3Client;
}): Bucket {
  return {
    headOriginal: (key) => headOriginal(client, bucketName, key),
    getOriginal: (key, maxBytes) => getOriginal(client, bucketName, key, maxBytes),
    putOriginal: (original) => putOriginal(client, bucketName, original),
    putVariant: (variant) => putVariant(client, bucketName, variant),
    deleteObject: (key) => deleteObject(client, bucketName, key),
    deletePrefix: (prefix) => deletePrefix(client, bucketName, prefix),
  };
}
