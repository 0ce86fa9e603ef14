import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { TransientFailure } from '../domain/failure.ts';
import { signingFloorSeconds } from '../domain/signing.ts';
import { storageClient } from './storage-client.ts';
import { nameOf } from './storage-fault.ts';

/** A presigned POST: a form with these fields, in this order, and the file last. */
export interface UploadForm {
  url: string;
  fields: Record<string, string>;
}
/** What a presigned POST shall admit: this key, this type, 1 to `maxBytes` bytes, for so many seconds. */
export interface UploadTerms {
  key: string;
  contentType: string;
  maxBytes: number;
  seconds: number;
}

/** Signs what clients do with the bucket by themselves. Signing sends nothing. */
export interface Presigner {
  presignUpload(terms: UploadTerms): Promise<UploadForm>;
  /** A GET of one object. The same URL for a quarter of an hour, valid for at least `seconds` from now. */
  presignDownload(key: string, seconds: number): Promise<string>;
  /** The origin (`https://host`) of the URLs signed here, for a Content-Security-Policy. */
  origin(): Promise<string>;
}

const stableForMs = signingFloorSeconds * 1000;

/** Opens the presigner of a bucket. @throws TransientFailure `storage_away` (from its methods) without credentials. */
export function openPresigner({
  bucketName,
  client = storageClient(),
  now = Date.now,
}: {
  bucketName: string;
  client?: S3Client;
  now?: () => number;
}): Presigner {
  const presignDownload: Presigner['presignDownload'] = (key, seconds) => {
    const signingDate = new Date(Math.floor(now() / stableForMs) * stableForMs);
    return getSignedUrl(client, new GetObjectCommand({ Bucket: bucketName, Key: key }), {
      signingDate,
      expiresIn: seconds + signingFloorSeconds,
    }).catch(signingFault);
  };
  return {
    async presignUpload({ key, contentType, maxBytes, seconds }) {
      const form = await createPresignedPost(client, {
        Bucket: bucketName,
        Key: key,
        Fields: { 'Content-Type': contentType },
        Conditions: [['content-length-range', 1, maxBytes]],
        Expires: seconds,
      }).catch(signingFault);
      return { url: form.url, fields: form.fields };
    },
    presignDownload,
    origin: async () => new URL(await presignDownload('any', 60)).origin,
  };
}

function signingFault(error: unknown): never {
  throw new TransientFailure('storage_away', `presign: ${nameOf(error)}`, { cause: error });
}
