import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { bucketOrigin } from './bucket-origin.ts';
import { base64OfHex } from './checksum.ts';
import { type BucketOptions, storageClient } from './storage-client.ts';
import { signingFault } from './storage-fault.ts';

/** A presigned POST: form fields in this order, then the file. */
export interface UploadForm {
  url: string;
  fields: Record<string, string>;
}
/** Conditions of a presigned POST: key, type, 1 to `maxBytes` bytes, seconds to live, and optionally SHA-256 (hex). */
export interface UploadTerms {
  key: string;
  contentType: string;
  maxBytes: number;
  seconds: number;
  sha256?: string | undefined;
}

/** Signs upload forms without sending anything. */
export interface UploadForms {
  /** @throws TransientFailure `storage_unavailable` without credentials. */
  uploadForm(terms: UploadTerms): Promise<UploadForm>;
  /** Origin of the forms, for a Content-Security-Policy. */
  origin(): Promise<string>;
}

export function openUploadForms({ bucketName, client = storageClient() }: BucketOptions): UploadForms {
  return {
    async uploadForm({ key, contentType, maxBytes, seconds, sha256 }) {
      const checksum =
        sha256 === undefined
          ? {}
          : { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-sha256': base64OfHex(sha256) };
      const form = await createPresignedPost(client, {
        Bucket: bucketName,
        Key: key,
        // Each field is also a condition of the policy.
        Fields: { 'Content-Type': contentType, ...checksum },
        Conditions: [['content-length-range', 1, maxBytes]],
        Expires: seconds,
      }).catch(signingFault);
      return { url: form.url, fields: form.fields };
    },
    origin: () => bucketOrigin(client, bucketName),
  };
}
