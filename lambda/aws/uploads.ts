import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { TransientFailure } from '../domain/failure.ts';
import { sessionSeconds, signingFloorSeconds } from '../domain/signing.ts';
import { base64OfHex } from './checksum.ts';
import { ownEndpoint } from './endpoint.ts';
import { storageClient } from './storage-client.ts';
import { nameOf } from './storage-fault.ts';

/** A presigned POST: a form with these fields, in this order, and the file last. */
export interface UploadForm {
  url: string;
  fields: Record<string, string>;
}
/**
 * What a presigned POST shall admit: this key, this type, 1 to `maxBytes` bytes, for so many seconds; with a SHA-256
 * (hex) the bytes that have it and no others.
 */
export interface UploadTerms {
  key: string;
  contentType: string;
  maxBytes: number;
  seconds: number;
  sha256?: string | undefined;
}
/** A presigned GET, and until when it is good. */
export interface Download {
  url: string;
  expiresAt: Date;
}

/** Signs what clients do with the bucket by themselves. Signing sends nothing. */
export interface Presigner {
  presignUpload(terms: UploadTerms): Promise<UploadForm>;
  /**
   * A GET of one object. One environment gives the same URL for a quarter of an hour, valid for at least `seconds` from
   * now, or for as long as the session that signs it is sure to last where that is less.
   */
  presignDownload(key: string, seconds: number): Promise<Download>;
  /** The origin (`https://host`) of the URLs signed here, for a Content-Security-Policy. */
  origin(): Promise<string>;
}

const stableForMs = signingFloorSeconds * 1000;

/**
 * Opens the presigner of a bucket.
 * @param startedAt when this environment was made, in milliseconds: its credentials are about as old.
 * @throws TransientFailure `storage_unavailable` (from its methods) without credentials.
 */
export function openPresigner({
  bucketName,
  client = storageClient(),
  now = Date.now,
  startedAt = performance.timeOrigin,
}: {
  bucketName: string;
  client?: S3Client;
  now?: () => number;
  startedAt?: number;
}): Presigner {
  /** When what is signed now stops being good, in milliseconds. Keys of a user, as here at home, have no session. */
  async function sessionEnds(): Promise<number> {
    const { sessionToken, expiration } = await client.config.credentials();
    if (sessionToken === undefined) return Number.POSITIVE_INFINITY;
    return expiration?.getTime() ?? startedAt + sessionSeconds * 1000;
  }

  async function sign(key: string, seconds: number): Promise<Download> {
    const signed = Math.floor(now() / stableForMs) * stableForMs;
    const wanted = signed + stableForMs + seconds * 1000;
    // A session that should be over and is not may sign for a minute: too little to rely on, enough for a page to load.
    const ends = Math.max(Math.min(wanted, await sessionEnds()), now() + 60_000);
    const expiresIn = Math.floor((ends - signed) / 1000);
    const command = new GetObjectCommand({ Bucket: bucketName, Key: key });
    const url = await getSignedUrl(client, command, { signingDate: new Date(signed), expiresIn });
    return { url, expiresAt: new Date(signed + expiresIn * 1000) };
  }

  return {
    async presignUpload({ key, contentType, maxBytes, seconds, sha256 }) {
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
    presignDownload: (key, seconds) => sign(key, seconds).catch(signingFault),
    async origin() {
      const { config } = client;
      const [Region, UseFIPS, UseDualStack] = await Promise.all([
        config.region(),
        config.useFipsEndpoint(),
        config.useDualstackEndpoint(),
      ]);
      const Endpoint = ownEndpoint('S3');
      const { url } = config.endpointProvider({
        Bucket: bucketName,
        Region,
        UseFIPS,
        UseDualStack,
        ForcePathStyle: Endpoint !== undefined,
        ...(Endpoint === undefined ? {} : { Endpoint }),
      });
      return url.origin;
    },
  };
}

function signingFault(error: unknown): never {
  throw new TransientFailure('storage_unavailable', `presign: ${nameOf(error)}`, { cause: error });
}
