import { base64OfHex } from './checksum.ts';
import { openSigner } from './signer.ts';
import { type SigningClient, signingClient } from './signing-client.ts';

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

export function openUploadForms({
  bucketName,
  client = signingClient(),
  now = Date.now,
}: {
  bucketName: string;
  client?: SigningClient;
  now?: () => number;
}): UploadForms {
  const signer = openSigner({ bucketName, client });
  return {
    async uploadForm({ key, contentType, maxBytes, seconds, sha256 }) {
      const signedAt = new Date(now());
      const [{ href }, signing] = await Promise.all([signer.endpoint(), signer.postFields(signedAt)]);
      const fields = {
        'Content-Type': contentType,
        ...(sha256 === undefined
          ? {}
          : { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-sha256': base64OfHex(sha256) }),
        ...signing.fields,
        key,
      };
      // Each field is also a condition of the policy.
      const conditions = Object.entries(fields).map(([name, value]) => ({ [name]: value }));
      const policy = JSON.stringify({
        expiration: withoutMilliseconds(new Date(signedAt.getTime() + seconds * 1000)),
        conditions: [['content-length-range', 1, maxBytes], ...conditions],
      });
      const Policy = Buffer.from(policy).toString('base64');
      return { url: href, fields: { ...fields, Policy, 'X-Amz-Signature': await signing.sign(Policy) } };
    },
    origin: () => signer.endpoint().then(({ origin }) => origin),
  };
}

function withoutMilliseconds(time: Date): string {
  return time.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
