import { sessionSeconds, signingFloorSeconds } from '../domain/signing.ts';
import { openSigner } from './signer.ts';
import { type SigningClient, signingClient } from './signing-client.ts';
import { signingFault } from './storage-fault.ts';

/** URL of a variant and the end of its validity. */
export interface VariantUrl {
  url: string;
  expiresAt: Date;
}

/** Delivers variants to clients. A CDN would be another implementation. */
export interface Delivery {
  /** A variant's URL, the same for a quarter of an hour, valid for `seconds` or until the signing session may end. */
  variantUrl(key: string, seconds: number): Promise<VariantUrl>;
  /** Origin (`https://host`) of these URLs, for a Content-Security-Policy. */
  origin(): Promise<string>;
}

const stableForMs = signingFloorSeconds * 1000;

/**
 * Delivers from a bucket by presigned URLs. Signing sends nothing.
 * @param startedAt start of this environment in milliseconds, about the age of its credentials.
 * @throws TransientFailure `storage_unavailable` (from its methods) without credentials.
 */
export function openPresignedDelivery({
  bucketName,
  client = signingClient(),
  now = Date.now,
  startedAt = performance.timeOrigin,
}: {
  bucketName: string;
  client?: SigningClient;
  now?: () => number;
  startedAt?: number;
}): Delivery {
  const signer = openSigner({ bucketName, client });

  /** End of the signing session, in milliseconds. Keys of a user, as in local runs, have none. */
  async function sessionEnds(): Promise<number> {
    const { sessionToken, expiration } = await client.config.credentials();
    if (sessionToken === undefined) return Number.POSITIVE_INFINITY;
    return expiration?.getTime() ?? startedAt + sessionSeconds * 1000;
  }

  async function sign(key: string, seconds: number): Promise<VariantUrl> {
    const signed = Math.floor(now() / stableForMs) * stableForMs;
    const wanted = signed + stableForMs + seconds * 1000;
    // A session past its assumed end may still sign for a minute, enough for a page to load.
    const ends = Math.max(Math.min(wanted, await sessionEnds()), now() + 60_000);
    const expiresIn = Math.floor((ends - signed) / 1000);
    const url = await signer.presignedGet(key, { signedAt: new Date(signed), seconds: expiresIn });
    return { url, expiresAt: new Date(signed + expiresIn * 1000) };
  }

  return {
    variantUrl: (key, seconds) => sign(key, seconds).catch(signingFault),
    origin: () => signer.endpoint().then(({ origin }) => origin),
  };
}
