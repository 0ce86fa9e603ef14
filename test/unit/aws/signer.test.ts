import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openSigner } from '../../../lambda/aws/signer.ts';
import { signingClient } from '../../../lambda/aws/signing-client.ts';
import { openUploadForms } from '../../../lambda/aws/upload-forms.ts';
import { sdkStorage } from './sdk-storage.ts';

/* The SDK's presigners are the oracle: the same inputs give the same bytes. */

const user = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a/secret+key=' };
const session = { ...user, accessKeyId: 'ASIAEXAMPLE', sessionToken: `IQoJb3+/=${'x/+='.repeat(200)}` };
const aws = (region: string, credentials: object = user) => {
  for (const name of ['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3']) vi.stubEnv(name, undefined);
  return new S3Client({
    region,
    credentials: credentials as typeof user,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
};
const local = (endpoint: string) => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint);
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', user.accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', user.secretAccessKey);
  return sdkStorage();
};
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const clients: [string, () => S3Client][] = [
  ['with the keys of a user', () => aws('eu-central-1')],
  ['with those of a session', () => aws('eu-central-1', session)],
  ['in the first region', () => aws('us-east-1', session)],
  ['in China', () => aws('cn-north-1', session)],
  ['at an endpoint of its own', () => local('http://127.0.0.1:4566')],
  ['at the usual port', () => local('https://s3.example')],
];
const keys = ['derived/acme/0190/large-0a.webp', "a b/ü😀/(x)*!'~+=&?#%.jpg", 'a//b/', '😀'];
const days = ['2030-01-01T00:00:00Z', '2030-01-01T23:59:59.999Z', '2030-01-02T00:00:00Z'];

describe.each(clients)('a signer %s', (_, open) => {
  const bucketName = 'pictures';

  it.each(keys)('signs the GET of %s as the SDK does', async (key) => {
    const client = open();
    const signer = openSigner({ client, bucketName });
    for (const day of days)
      for (const seconds of [1, 900, 43_200]) {
        const signedAt = new Date(day);
        const command = new GetObjectCommand({ Bucket: bucketName, Key: key });
        const expected = await getSignedUrl(client, command, { signingDate: signedAt, expiresIn: seconds });
        expect(await signer.presignedGet(key, { signedAt, seconds })).toBe(expected);
      }
  });

  it.each([undefined, 'ab'.repeat(32)])(
    'signs a POST with the SHA-256 %s as the SDK does',
    async (sha256) => {
      const client = open();
      for (const day of days) {
        const forms = openUploadForms({ client, bucketName, now: () => Date.parse(day) });
        vi.useFakeTimers({ now: new Date(day), toFake: ['Date'] });
        const terms = { key: 'incoming/acme/0190', contentType: 'image/png', maxBytes: 123, seconds: 900 };
        const checksum = Buffer.from(sha256 ?? '', 'hex').toString('base64');
        const expected = await createPresignedPost(client, {
          Bucket: bucketName,
          Key: terms.key,
          Fields: {
            'Content-Type': terms.contentType,
            ...(sha256 && { 'x-amz-checksum-algorithm': 'SHA256', 'x-amz-checksum-sha256': checksum }),
          },
          Conditions: [['content-length-range', 1, terms.maxBytes]],
          Expires: terms.seconds,
        });
        // The form has the day of its `now`, even if the clock is past midnight.
        vi.useRealTimers();
        const form = await forms.uploadForm({ ...terms, sha256 });
        expect(JSON.stringify(form)).toBe(JSON.stringify(expected));
      }
    },
  );
});

describe('signing with the environment', () => {
  const regions = [
    'us-east-1',
    'eu-central-1',
    'cn-north-1',
    'us-gov-west-1',
    'us-iso-east-1',
    'eusc-de-east-1',
    'xx-new-1',
  ];
  it.each(
    regions.flatMap((region) => [[region, 'pictures'] as const, [region, 'pictures.example.org'] as const]),
  )('in %s, for the bucket %s, makes the URLs of the SDK’s client', async (region, bucketName) => {
    const client = aws(region, session);
    vi.stubEnv('AWS_REGION', region);
    vi.stubEnv('AWS_ACCESS_KEY_ID', session.accessKeyId);
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', session.secretAccessKey);
    vi.stubEnv('AWS_SESSION_TOKEN', session.sessionToken);
    const signedAt = new Date('2030-01-01T00:00:00Z');
    const command = new GetObjectCommand({ Bucket: bucketName, Key: 'a/b' });
    const expected = await getSignedUrl(client, command, { signingDate: signedAt, expiresIn: 900 });
    const signer = openSigner({ client: signingClient(), bucketName });
    expect(await signer.presignedGet('a/b', { signedAt, seconds: 900 })).toBe(expected);
  });

  it('without credentials fails as an outage of the storage', async () => {
    aws('eu-central-1');
    vi.stubEnv('AWS_REGION', 'eu-central-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', undefined);
    const options = { client: signingClient(), bucketName: 'pictures' };
    const outage = { name: 'TransientFailure', code: 'storage_unavailable' };
    const signed = openSigner(options).presignedGet('a', { signedAt: new Date(), seconds: 900 });
    await expect(signed).rejects.toMatchObject(outage);
    const terms = { key: 'a', contentType: 'image/png', maxBytes: 1, seconds: 1 };
    await expect(openUploadForms(options).uploadForm(terms)).rejects.toMatchObject(outage);
  });
});

it('new credentials sign the next URL', async () => {
  let credentials = session;
  // Expired ones are requested again at each use.
  const client = aws('eu-central-1', async () => ({ ...credentials, expiration: new Date(0) }));
  const signer = openSigner({ client, bucketName: 'pictures' });
  const validity = { signedAt: new Date('2030-01-01T00:00:00Z'), seconds: 900 };
  const first = await signer.presignedGet('a', validity);
  for (const change of [{ secretAccessKey: 'other' }, { sessionToken: 'other' }, { accessKeyId: 'OTHER' }]) {
    credentials = { ...session, ...change };
    const command = new GetObjectCommand({ Bucket: 'pictures', Key: 'a' });
    const expected = await getSignedUrl(client, command, {
      signingDate: validity.signedAt,
      expiresIn: validity.seconds,
    });
    const url = await signer.presignedGet('a', validity);
    expect(url).toBe(expected);
    expect(url).not.toBe(first);
  }
});
