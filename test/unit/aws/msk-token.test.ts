import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { mskToken } from '../../../lambda/aws/msk-token.ts';

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
  vi.stubEnv('AWS_SESSION_TOKEN', 'session');
});
afterEach(() => vi.unstubAllEnvs());

const at = new Date('2026-11-29T22:04:07Z');
const urlOf = (token: string) => new URL(Buffer.from(token, 'base64url').toString());

it('the token is a presigned URL of kafka-cluster:Connect in the region, valid for 15 minutes', async () => {
  const url = urlOf(await mskToken(undefined, at));
  expect(url.origin + url.pathname).toBe('https://kafka.eu-central-1.amazonaws.com/');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: 'kafka-cluster:Connect',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20261129/eu-central-1/kafka-cluster/aws4_request',
    'X-Amz-Date': '20261129T220407Z',
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'session',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    'User-Agent': 'sluice',
  });
});

it('the token is base64url without padding, as brokers read it', async () => {
  expect(await mskToken(undefined, at)).toMatch(/^[\w-]+$/);
});

it('the signature depends on the secret key and on nothing that changes between calls', async () => {
  const signature = async () => urlOf(await mskToken(undefined, at)).searchParams.get('X-Amz-Signature');
  const first = await signature();
  expect(await signature()).toBe(first);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'another');
  expect(await signature()).not.toBe(first);
});
