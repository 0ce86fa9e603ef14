import type { S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { bucketOrigin } from './bucket-origin.ts';
import { base64OfHex } from './checksum.ts';
import { storageClient } from './storage-client.ts';
import { signingFault } from './storage-fault.ts';

/** A presigned POST: a form with these fields, in this order, and the file last. */
export interface UploadForm {
  url: string;
  fields: Record<string, string>;
}
/**
 * What a presigned POST admits: this key, this type, 1 to `maxBytes` bytes, for so many seconds; with a SHA-256
 * (hex) only the bytes that have it.
 */
export interface UploadTerms {
  key: string;
  contentType: string;
  maxBytes: number;
  seconds: number;
  sha256?: string | undefined;
}

/** The forms that clients upload with. Signing sends nothing. */
export interface UploadForms {
  /** @throws TransientFailure `storage_unavailable` without credentials. */
  uploadForm(terms: UploadTerms): Promise<UploadForm>;
  /** The origin that the forms are sent to, for a Content-Security-Policy. */
  origin(): Promise<string>;
}

export function openUploadForms({
  bucketName,
  client = storageClient(),
}: {
  bucketName: string;
  client?: S3Client;
}): UploadForms {
  return {
    async uploadForm({ key, contentType, maxBytes, seconds, sha256 }) {
      const checksum =
        sha256 === undefined
          ? {}
          : { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-sha256': base64OfHex(sha256) };
      const form = await createPresignedPost(client, {
        Bucket: bucketName,
        Key: key,
        // Each field is a condition of the policy too.
        Fields: { 'Content-Type': contentType, ...checksum },
        Conditions: [['content-length-range', 1, maxBytes]],
        Expires: seconds,
      }).catch(signingFault);
      return { url: form.url, fields: form.fields };
    },
    origin: () => bucketOrigin(client, bucketName),
  };
}
