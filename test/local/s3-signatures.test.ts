import { describe, expect, test } from 'vitest';
import { created, newKey, post, presign, refusal } from './s3-fixture.ts';
import { type RawRequest, raw, send } from './s3-raw.ts';

type Tamper = NonNullable<RawRequest['tamper']>;
type Signed = Parameters<Tamper>[0];

/** Where the signature is: in the query, or at the end of the header. */
const places = {
  query: {
    presigned: true,
    read: ({ query }: Signed) => query['X-Amz-Signature'] ?? '',
    write: ({ query }: Signed, signature: string) => {
      query['X-Amz-Signature'] = signature;
    },
  },
  header: {
    presigned: false,
    read: ({ headers }: Signed) => headers.authorization?.slice(-64) ?? '',
    write: ({ headers }: Signed, signature: string) => {
      headers.authorization = `${headers.authorization?.slice(0, -64)}${signature}`;
    },
  },
};
/** Another digit for each. */
const others = (digits: string) => digits.replace(/./g, (digit) => (digit === 'a' ? 'b' : 'a'));

describe.each(['query', 'header'] as const)('a signature in the %s', (place) => {
  const { presigned, read, write } = places[place];

  test.each([
    ['is its first 8 digits only', (right: string) => right.slice(0, 8)],
    ['is right in its first 8 digits', (right: string) => right.slice(0, 8) + others(right.slice(8))],
    ['is right but for its first digit', (right: string) => others(right.slice(0, 1)) + right.slice(1)],
    ['is right but for its last digit', (right: string) => right.slice(0, -1) + others(right.slice(-1))],
    ['has a digit too many', (right: string) => `${right}0`],
  ])('a signature that %s is refused', async (_what, change) => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const tamper: Tamper = (signed) => write(signed, change(read(signed)));
      const answer = await raw({ method, key: newKey(), presigned, tamper });
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(['SignatureDoesNotMatch', 'AuthorizationHeaderMalformed']).toContain(answer.code);
    }
    expect(created).toEqual([]);
  });

  test('a signature covers the host: an unsigned or different one is refused', async () => {
    const leaveOut: Tamper = ({ headers, query }) => {
      if (presigned) query['X-Amz-SignedHeaders'] = '';
      else headers.authorization = headers.authorization?.replace(/;?host;?/, '') ?? '';
    };
    const unsigned = await raw({ key: newKey(), presigned, tamper: leaveOut });
    expect([unsigned.status, unsigned.code]).toEqual([403, 'AccessDenied']);
    expect(unsigned.body.toString()).toMatch(/<HeadersNotSigned>host/);
    const elsewhere: Tamper = ({ headers }) => {
      headers.host = 'another.example';
    };
    const other = await raw({ key: newKey(), presigned, tamper: elsewhere });
    expect([other.status, other.code]).toEqual([403, 'SignatureDoesNotMatch']);
  });

  test.each(['x-amz-meta-by', 'x-amz-acl', 'x-amz-checksum-sha256', 'x-amz-copy-source'])(
    'a signature does not allow an unsigned header %s',
    async (name) => {
      const answer = await raw({
        method: 'PUT',
        key: newKey(),
        body: 'x',
        presigned,
        unsigned: { [name]: 'x' },
      });
      expect([answer.status, answer.code]).toEqual([403, 'AccessDenied']);
      expect(answer.body.toString()).toContain(`<HeadersNotSigned>${name}</HeadersNotSigned>`);
      expect(created).toEqual([]);
    },
  );

  test('a signature covers a header that it names', async () => {
    const key = newKey();
    const put = { method: 'PUT', key, body: 'x', headers: { 'x-amz-meta-by': 'me' } };
    expect((await raw({ ...put, presigned })).status).toBe(200);
    expect((await raw({ method: 'HEAD', key })).headers['x-amz-meta-by']).toBe('me');
  });
});

describe('a request with two signatures is refused', () => {
  const own =
    'AWS4-HMAC-SHA256 Credential=LOCALKEY/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=';

  test.each([
    ['a presigned one with another in its header', own + '0'.repeat(64)],
    ['a presigned one with the key of an API', 'Bearer key'],
  ])('a request with two signatures is refused: %s', async (_what, authorization) => {
    const answer = await raw({ key: newKey(), presigned: true, unsigned: { authorization } });
    expect([answer.status, answer.code]).toEqual([400, 'InvalidArgument']);
    expect(answer.body.toString()).toContain('Only one auth mechanism allowed');
  });

  test.each([
    [own, 'Only one auth mechanism allowed'],
    ['Bearer key', 'Unsupported Authorization Type'],
  ])('a form with the header %s is refused', async (authorization, words) => {
    const { url, fields } = await presign(newKey());
    const [status, code, message] = await refusal(
      await post(url, fields, 'bytes', { headers: { authorization } }),
    );
    expect([status, code]).toEqual([400, 'InvalidArgument']);
    expect(message).toContain(words);
    expect(created).toEqual([]);
  });
});

test.each([
  ['AWS LOCALKEY:c2lnbmF0dXJl', '', 'InvalidRequest'],
  ['Basic c2VjcmV0', '', 'InvalidArgument'],
  ['AWS4-HMAC-SHA256 what', '', 'AuthorizationHeaderMalformed'],
  ['', '?AWSAccessKeyId=LOCALKEY&Signature=x&Expires=9999999999', 'InvalidRequest'],
  ['', '?X-Amz-Algorithm=AWS4-HMAC-SHA256', 'AuthorizationQueryParametersError'],
])(
  'other schemes and incomplete signatures have errors of their own: %s %s',
  async (authorization, query, code) => {
    const answer = await send('GET', `/pictures/key${query}`, authorization === '' ? {} : { authorization });
    expect([answer.status, answer.code]).toEqual([400, code]);
  },
);

test.each(['', 'soon', '-1', '1e3', '60.5'])('an expiry of "%s" is invalid', async (expires) => {
  const tamper: Tamper = ({ query }) => {
    query['X-Amz-Expires'] = expires;
  };
  const answer = await raw({ key: newKey(), presigned: true, tamper });
  expect([answer.status, answer.code]).toEqual([400, 'AuthorizationQueryParametersError']);
});

test('a session token is refused with a key that has none', async () => {
  const answer = await raw({ key: newKey(), headers: { 'x-amz-security-token': 'token' } });
  expect([answer.status, answer.code]).toEqual([400, 'InvalidToken']);
});

test.each([8, 63])(
  'a policy whose signature is correct only in its first %i digits is refused',
  async (right) => {
    const { url, fields } = await presign(newKey());
    const signature = fields['X-Amz-Signature'] ?? '';
    for (const forged of [
      signature.slice(0, right),
      signature.slice(0, right) + others(signature.slice(right)),
    ]) {
      const answer = await post(url, { ...fields, 'X-Amz-Signature': forged });
      expect((await refusal(answer)).slice(0, 2)).toEqual([403, 'SignatureDoesNotMatch']);
    }
    expect(created).toEqual([]);
  },
);
