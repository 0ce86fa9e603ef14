import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { synthesise } from '../synthesis.ts';
import { readAccount } from './account.ts';
import type { RequestContext } from './conditions.ts';
import { decide } from './decision.ts';
import { account, region } from './deployed.ts';
import { placesOf } from './places.ts';

const { data, pipeline } = synthesise();
const at = readAccount(data as Template, pipeline);
const places = placesOf(at);
const original = places.originals[0]?.resource ?? '';
const imagesKey = places['key of images, through S3'][0]?.resource ?? '';
const role = at.functionRoles.api;
/** A variant's URL is valid for an hour and dated to the last quarter of an hour: 75 minutes, in milliseconds. */
const longest = 4_500_000;

/** A client with a signature of api, from anywhere and through no endpoint. */
const presigned = (action: string, context: RequestContext) =>
  decide(
    {
      caller: { role },
      action,
      resource: original,
      context: {
        'aws:SecureTransport': 'true',
        's3:TlsVersion': '1.2',
        's3:signatureAge': '900000',
        'aws:PrincipalAccount': account,
        ...context,
      },
    },
    at.policies(role, original),
  );
const encryption = 's3:x-amz-server-side-encryption';
const keyId = `${encryption}-aws-kms-key-id`;
const customer = `${encryption}-customer-algorithm`;

describe('a presigned POST', () => {
  it.each([
    ['without a word about encryption is let through', {}, 'allowed'],
    [
      'that names the bucket’s key is let through',
      { [encryption]: 'aws:kms', [keyId]: imagesKey },
      'allowed',
    ],
    [
      'by plain HTTP is refused',
      { 'aws:SecureTransport': 'false', 's3:TlsVersion': undefined },
      'explicitly denied',
    ],
    ['by TLS 1.1 is refused', { 's3:TlsVersion': '1.1' }, 'explicitly denied'],
    ['by TLS 1.3 is let through', { 's3:TlsVersion': '1.3' }, 'allowed'],
    ['as old as it may get is let through', { 's3:signatureAge': String(longest) }, 'allowed'],
    ['that is older is refused', { 's3:signatureAge': String(longest + 1) }, 'explicitly denied'],
    ['that asks for no key of ours is refused', { [encryption]: 'AES256' }, 'explicitly denied'],
    ['that asks for the account’s own key is refused', { [encryption]: 'aws:kms' }, 'explicitly denied'],
    [
      'that asks for another key is refused',
      { [encryption]: 'aws:kms', [keyId]: `arn:aws:kms:${region}:${account}:key/other` },
      'explicitly denied',
    ],
    ['that brings a key of its own is refused', { [customer]: 'AES256' }, 'explicitly denied'],
  ] as [string, RequestContext, string][])('%s', (_, context, decision) => {
    expect(presigned('s3:PutObject', context)).toBe(decision);
  });
});

it.each([
  [{ ticketSeconds: 20_700 }, 20_700_000],
  [{ downloadSeconds: 7_200 }, 8_100_000],
  [{ ticketSeconds: 60, downloadSeconds: 900 }, 1_800_000],
])('with %o no signature is valid for longer than necessary', (uploads, bound) => {
  const { pipeline } = synthesise({ uploads, admission: { maxBacklogAge: '5 minutes' } });
  const policies = Object.values(pipeline.findResources('AWS::S3::BucketPolicy'));
  const ages = [...JSON.stringify(policies).matchAll(/"s3:signatureAge":(\d+)/g)].map(([, age]) =>
    Number(age),
  );
  expect(ages).toEqual([bound]);
});

describe('a presigned GET', () => {
  it.each([
    ['is let through', {}, 'allowed'],
    ['by plain HTTP is refused', { 'aws:SecureTransport': 'false' }, 'explicitly denied'],
    ['that is old is refused', { 's3:signatureAge': String(longest + 1) }, 'explicitly denied'],
  ] as [string, RequestContext, string][])('%s', (_, context, decision) => {
    expect(presigned('s3:GetObject', context)).toBe(decision);
  });
});

it('no image is accessible without a signature', () => {
  for (const action of ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject'])
    for (const { resource } of [...places.originals, ...places.variants, ...places.bucket]) {
      const context = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };
      const request = { caller: 'anonymous' as const, action, resource, context };
      expect(decide(request, at.policies(undefined, resource))).toBe('denied');
    }
});

it.each(['jobs', 'dead letters', 'failed events'] as const)(
  'messages of %s need TLS and an allowed role',
  (place) => {
    const resource = places[place]?.[0]?.resource ?? '';
    for (const action of ['sqs:SendMessage', 'sqs:ReceiveMessage']) {
      const ask = (tls: string) => ({
        caller: 'anonymous' as const,
        action,
        resource,
        context: { 'aws:SecureTransport': tls },
      });
      expect(decide(ask('false'), at.policies(undefined, resource))).toBe('explicitly denied');
      expect(decide(ask('true'), at.policies(undefined, resource))).toBe('denied');
    }
  },
);
