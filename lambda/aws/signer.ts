import { type BinaryLike, createHash, createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { bucketEndpoint } from './bucket-endpoint.ts';
import type { SigningClient } from './signing-client.ts';
import { signingFault } from './storage-fault.ts';

/*
 * Signature Version 4 for what the API signs: URLs of GETs and policies of POSTs, of one bucket. The SDK's presigners run
 * their whole middleware for each: 0.3 ms a URL and 30 kB of code. A test compares both, byte for byte.
 */

const algorithm = 'AWS4-HMAC-SHA256';

/** Signs for a bucket without sending anything. Its methods throw TransientFailure `storage_unavailable` without credentials. */
export interface Signer {
  /** URL of the bucket. */
  endpoint(): Promise<URL>;
  /** URL of a GET, valid for `seconds` after `signedAt`. */
  presignedGet(key: string, validity: { signedAt: Date; seconds: number }): Promise<string>;
  /** Fields that a POST policy of this time must name, and a function that signs its base64 text, in hex. */
  postFields(signedAt: Date): Promise<{ fields: Record<string, string>; sign: (policy: string) => string }>;
}

/** A signing key, for as long as the day and the credentials are the same. */
interface Key {
  of: string;
  scope: string;
  key: KeyObject;
}

export function openSigner({ client, bucketName }: { client: SigningClient; bucketName: string }): Signer {
  let latest: Key | undefined;
  let prefix: { of: string; query: string } = { of: '', query: '' };

  const endpoint = async () => bucketEndpoint(await client.config.region(), bucketName);

  function keyOf(day: string, region: string, secret: string): Key {
    const of = `${day} ${region} ${secret}`;
    if (latest?.of !== of) {
      const parts = [day, region, 's3', 'aws4_request'];
      const derive = (key: BinaryLike, part: string) => createHmac('sha256', key).update(part).digest();
      const key = createSecretKey(parts.reduce<BinaryLike>(derive, `AWS4${secret}`) as Buffer);
      latest = { of, scope: parts.join('/'), key };
    }
    return latest;
  }

  async function session(signedAt: Date) {
    const { config } = client;
    const [credentials, region] = await Promise.all([config.credentials(), config.region()]);
    const time = signedAt.toISOString().replace(/[-:]|\.\d{3}/g, '');
    const { scope, key } = keyOf(time.slice(0, 8), region, credentials.secretAccessKey);
    return {
      time,
      scope,
      credential: `${credentials.accessKeyId}/${scope}`,
      token: credentials.sessionToken,
      sign: (text: string) => createHmac('sha256', key).update(text).digest('hex'),
    };
  }
  type Session = Awaited<ReturnType<typeof session>>;

  /** The query before the signature, in the order of its names. It is the same for all URLs of a quarter of an hour. */
  function queryOf({ time, credential, token }: Session, seconds: number): string {
    const of = `${time} ${seconds} ${credential} ${token}`;
    if (prefix.of !== of)
      prefix = {
        of,
        query: [
          `X-Amz-Algorithm=${algorithm}`,
          'X-Amz-Content-Sha256=UNSIGNED-PAYLOAD',
          `X-Amz-Credential=${encode(credential)}`,
          `X-Amz-Date=${time}`,
          `X-Amz-Expires=${seconds}`,
          ...(token === undefined ? [] : [`X-Amz-Security-Token=${encode(token)}`]),
        ].join('&'),
      };
    return prefix.query;
  }

  return {
    endpoint,
    async presignedGet(key, { signedAt, seconds }) {
      const [base, signing] = await Promise.all([endpoint(), session(signedAt)]).catch(signingFault);
      const path = `${base.pathname.replace(/\/$/, '')}/${key.split('/').map(encode).join('/')}`;
      const query = queryOf(signing, seconds);
      const rest = 'X-Amz-SignedHeaders=host&x-id=GetObject';
      const request = `GET\n${path}\n${query}&${rest}\nhost:${base.host}\n\nhost\nUNSIGNED-PAYLOAD`;
      const hash = createHash('sha256').update(request).digest('hex');
      const signature = signing.sign(`${algorithm}\n${signing.time}\n${signing.scope}\n${hash}`);
      return `${base.origin}${path}?${query}&X-Amz-Signature=${signature}&${rest}`;
    },
    async postFields(signedAt) {
      const { time, credential, token, sign } = await session(signedAt).catch(signingFault);
      const fields = {
        bucket: bucketName,
        'X-Amz-Algorithm': algorithm,
        'X-Amz-Credential': credential,
        'X-Amz-Date': time,
        ...(token === undefined ? {} : { 'X-Amz-Security-Token': token }),
      };
      return { fields, sign };
    },
  };
}

/** RFC 3986: encodes everything but the unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
