import type { S3Client } from '@aws-sdk/client-s3';
import {
  getOriginal,
  headOriginal,
  type NewOriginal,
  type OriginalHead,
  type OriginalVersion,
  putOriginal,
} from './originals.ts';
import { deleteAt, deleteVersion } from './removal.ts';
import { storageClient } from './storage-client.ts';
import { findUploaded } from './uploaded.ts';
import { type NewVariant, putVariant } from './variants.ts';
import { type FirstUpload, findFirstUpload } from './versions.ts';

/**
 * The one bucket: originals under `incoming/`, variants under `derived/`. What each call throws is said where it is
 * defined; each ends at the signal, where one is given, with a TransientFailure `out_of_time`.
 */
export interface Bucket {
  headOriginal(key: string, signal?: AbortSignal): Promise<OriginalHead | undefined>;
  findFirstUpload(key: string, signal?: AbortSignal): Promise<FirstUpload | undefined>;
  getOriginal(original: OriginalVersion, maxBytes: number, signal?: AbortSignal): Promise<Buffer>;
  putOriginal(original: NewOriginal, signal?: AbortSignal): Promise<string | undefined>;
  putVariant(variant: NewVariant, signal?: AbortSignal): Promise<void>;
  deleteVersion(key: string, version: string, signal?: AbortSignal): Promise<void>;
  findUploaded(keys: readonly string[], signal?: AbortSignal): Promise<Set<string>>;
  deleteAt(places: readonly string[], signal?: AbortSignal): Promise<{ empty: Set<string>; error?: unknown }>;
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
    headOriginal: (key, signal) => headOriginal(client, bucketName, key, signal),
    findFirstUpload: (key, signal) => findFirstUpload(client, bucketName, key, signal),
    getOriginal: (original, maxBytes, signal) => getOriginal(client, bucketName, original, maxBytes, signal),
    putOriginal: (original, signal) => putOriginal(client, bucketName, original, signal),
    putVariant: (variant, signal) => putVariant(client, bucketName, variant, signal),
    deleteVersion: (key, version, signal) => deleteVersion(client, bucketName, key, version, signal),
    findUploaded: (keys, signal) => findUploaded(client, bucketName, keys, signal),
    deleteAt: (places, signal) => deleteAt(client, bucketName, places, signal),
  };
}
