import { describe, expect, test } from 'vitest';
import { newKey, sha256 } from './s3-fixture.ts';
import { type RawRequest, type RawResponse, raw } from './s3-raw.ts';

async function put(
  key: string,
  body: string | Buffer = 'bytes',
  more: RawRequest = {},
): Promise<RawResponse> {
  return raw({ method: 'PUT', key, body, ...more });
}
const get = (key: string, headers: Record<string, string> = {}) => raw({ key, headers });
const verdict = ({ status, code }: RawResponse) => [status, code];

test('an object’s properties are returned, and S3’s default type if none was given', async () => {
  const headers = {
    'content-type': 'image/png',
    'cache-control': 'private',
    'content-disposition': 'inline',
    'content-language': 'de',
    'content-encoding': 'gzip',
    expires: 'Fri, 01 Jan 2100 00:00:00 GMT',
    'x-amz-meta-by': 'me',
  };
  const [given, absent] = [newKey(), newKey()];
  await put(given, 'x', { headers });
  expect((await get(given)).headers).toMatchObject(headers);
  await put(absent);
  expect((await get(absent)).headers['content-type']).toBe('binary/octet-stream');
});

describe('metadata', () => {
  const encoded = (text: string) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

  // Some clients send signed values in UTF-8, some in Latin-1.
  test.each<[string, string, BufferEncoding, string]>([
    ['plain', 'me', 'utf8', 'me'],
    ['in UTF-8', 'K\u00e4se \u{1f5bc}', 'utf8', encoded('K\u00e4se \u{1f5bc}')],
    ['in Latin-1', 'K\u00e4se', 'latin1', encoded('K\u00e4se')],
  ])('metadata %s is returned in the encoding of mail', async (_what, text, encoding, received) => {
    const key = newKey();
    const name = 'x-amz-meta-by';
    const tamper: RawRequest['tamper'] = ({ headers }) => {
      headers[name] = Buffer.from(text, encoding).toString('latin1');
    };
    expect(verdict(await put(key, 'x', { headers: { [name]: text }, tamper }))).toEqual([200, undefined]);
    expect((await get(key)).headers[name]).toBe(received);
  });

  test('metadata has at most 2 KB', async () => {
    const [most, more] = [newKey(), newKey()];
    expect((await put(most, 'x', { headers: { 'x-amz-meta-by': 'x'.repeat(2046) } })).status).toBe(200);
    const answer = await put(more, 'x', { headers: { 'x-amz-meta-by': 'x'.repeat(2047) } });
    expect(verdict(answer)).toEqual([400, 'MetadataTooLarge']);
  });
});

test.each(['\u{1f5bc}', 'a\r\nset-cookie: b', '\u0000'])(
  'a header of the response cannot be set to %j',
  async (value) => {
    const key = newKey();
    await put(key);
    const answer = await raw({ key, query: { 'response-content-disposition': value } });
    expect(verdict(answer)).toEqual([400, 'InvalidArgument']);
  },
);

describe('a digest', () => {
  const md5OfBytes = 'SzpiGLs+OnMD6KFxpg/Pkg==';
  test.each([
    ['content-md5', md5OfBytes, 200, undefined],
    ['content-md5', 'AAAAAAAAAAAAAAAAAAAAAA==', 400, 'BadDigest'],
    ['content-md5', 'c2hvcnQ=', 400, 'InvalidDigest'],
    ['content-md5', 'no base64 at all', 400, 'InvalidDigest'],
    ['x-amz-checksum-crc32c', '6DUPpg==', 400, 'BadDigest'],
    ['x-amz-checksum-crc32', 'AAAAAA==', 400, 'BadDigest'],
    ['x-amz-checksum-sha1', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA=', 400, 'BadDigest'],
    ['x-amz-checksum-sha256', sha256('other'), 400, 'BadDigest'],
    ['x-amz-checksum-sha256', 'short', 400, 'InvalidRequest'],
    ['x-amz-checksum-crc64nvme', 'AAAAAAAAAAA=', 501, 'NotImplemented'],
  ])('the digest %s %s of a PUT results in %i', async (name, value, status, code) => {
    const key = newKey();
    expect(verdict(await put(key, 'bytes', { headers: { [name]: value } }))).toEqual([status, code]);
    expect((await get(key)).status).toBe(status === 200 ? 200 : 404);
  });

  test('digests of each supported kind are verified, stored and returned on request', async () => {
    // Of the nine digits, the example in the definitions of the checksums.
    for (const [algorithm, value] of [
      ['crc32', 'y/Q5Jg=='],
      ['crc32c', '4waSgw=='],
      ['sha1', '98O8HYCOBHMq32eZZczDTKeuNEE='],
      ['sha256', 'FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU='],
    ] as const) {
      const key = newKey();
      const name = `x-amz-checksum-${algorithm}`;
      expect((await put(key, '123456789', { headers: { [name]: value } })).headers[name]).toBe(value);
      expect((await get(key)).headers[name]).toBeUndefined();
      expect((await get(key, { 'x-amz-checksum-mode': 'ENABLED' })).headers[name]).toBe(value);
      const part = await get(key, { 'x-amz-checksum-mode': 'ENABLED', range: 'bytes=0-1' });
      expect(part.headers[name]).toBeUndefined();
    }
  });
});

describe('a chunked body with a checksum in its trailer', () => {
  const bodyOf = (trailer: string) => `4\r\n1234\r\n5\r\n56789\r\n0\r\n${trailer}\r\n`;
  const headersFor = (name: string) => ({
    'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '9',
    'x-amz-trailer': name,
  });

  test.each([
    ['crc32c', 'x-amz-checksum-crc32c:4waSgw==\r\n', 200, undefined],
    ['crc32c', 'x-amz-checksum-crc32c:AAAAAA==\r\n', 400, 'BadDigest'],
    ['sha1', 'x-amz-checksum-sha1:98O8HYCOBHMq32eZZczDTKeuNEE=\r\n', 200, undefined],
    ['sha256', 'x-amz-checksum-sha256:AAAAAA==\r\n', 400, 'InvalidRequest'],
    ['crc32', '', 400, 'MalformedTrailerError'],
  ])(
    'a chunked body with the checksum %s as trailer "%s" results in %i',
    async (algorithm, trailer, status, code) => {
      const key = newKey();
      const headers = headersFor(`x-amz-checksum-${algorithm}`);
      expect(verdict(await put(key, bodyOf(trailer), { headers }))).toEqual([status, code]);
      const got = await get(key);
      expect(got.status).toBe(status === 200 ? 200 : 404);
      if (status !== 200) return;
      expect(got.body.toString()).toBe('123456789');
      expect(got.headers['content-encoding']).toBeUndefined();
    },
  );

  test.each([
    ['another length than declared', { 'x-amz-decoded-content-length': '8' }, 400, 'IncompleteBody'],
    ['an invalid length', { 'x-amz-decoded-content-length': '1e1' }, 400, 'InvalidArgument'],
    [
      'signed chunks, which are not verified',
      { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
      501,
      'NotImplemented',
    ],
  ])('a chunked body with %s is refused', async (_what, change, status, code) => {
    const headers = { ...headersFor('x-amz-checksum-crc32c'), ...change };
    const body = bodyOf('x-amz-checksum-crc32c:4waSgw==\r\n');
    expect(verdict(await put(newKey(), body, { headers }))).toEqual([status, code]);
  });
});
