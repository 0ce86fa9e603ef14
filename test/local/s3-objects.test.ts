import { describe, expect, test } from 'vitest';
import { created, newKey } from './s3-fixture.ts';
import { type RawRequest, type RawResponse, raw } from './s3-raw.ts';

const hundred = Buffer.from(Array.from({ length: 100 }, (_, index) => index));

async function put(
  key: string,
  body: string | Buffer = 'bytes',
  more: RawRequest = {},
): Promise<RawResponse> {
  return raw({ method: 'PUT', key, body, ...more });
}
const get = (key: string, headers: Record<string, string> = {}, method = 'GET') =>
  raw({ method, key, headers });
const verdict = ({ status, code }: RawResponse) => [status, code];

describe('a range', () => {
  test.each([
    ['bytes=0-9', 0, 9],
    ['bytes=-1', 99, 99],
    ['bytes=-500', 0, 99],
    ['bytes=90-', 90, 99],
    ['bytes=90-500', 90, 99],
    ['bytes=0-', 0, 99],
    ['bytes=5-5', 5, 5],
    ['BYTES=1-2', 1, 2],
  ])('the range %s of 100 bytes is returned', async (range, start, end) => {
    const key = newKey();
    await put(key, hundred);
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(key, { range }, method);
      expect(answer.status).toBe(206);
      expect(answer.headers['content-range']).toBe(`bytes ${start}-${end}/100`);
      expect(answer.headers['content-length']).toBe(String(end - start + 1));
      expect(answer.headers['accept-ranges']).toBe('bytes');
      expect(answer.body).toEqual(method === 'HEAD' ? Buffer.alloc(0) : hundred.subarray(start, end + 1));
    }
  });

  test.each([
    ['of several parts', 'bytes=0-1,5-6'],
    ['that ends before it begins', 'bytes=9-5'],
    ['of another unit', 'lines=0-1'],
    ['without numbers', 'bytes=-'],
    ['that is no range', 'all of it'],
  ])('%s is ignored: the whole object is returned', async (_what, range) => {
    const key = newKey();
    await put(key, hundred);
    const answer = await get(key, { range });
    expect([answer.status, answer.headers['content-range'], answer.body.length]).toEqual([
      200,
      undefined,
      100,
    ]);
  });

  test.each([
    ['bytes=100-', 100],
    ['bytes=500-600', 100],
    ['bytes=-0', 100],
    ['bytes=0-', 0],
    ['bytes=-5', 0],
  ])('the range %s of %i bytes is not satisfiable', async (range, size) => {
    const key = newKey();
    await put(key, hundred.subarray(0, size));
    const answer = await get(key, { range });
    expect(verdict(answer)).toEqual([416, 'InvalidRange']);
    expect(answer.headers['content-range']).toBe(`bytes */${size}`);
    expect((await get(key, { range }, 'HEAD')).status).toBe(416);
  });

  test('a range applies only to the version that If-Range names', async () => {
    const key = newKey();
    const { etag = '' } = (await put(key, hundred)).headers;
    const modified = (await get(key)).headers['last-modified'] ?? '';
    const status = async (ifRange: string) =>
      (await get(key, { range: 'bytes=0-1', 'if-range': ifRange })).status;
    expect(await status(etag)).toBe(206);
    expect(await status(modified)).toBe(206);
    expect(await status(`W/${etag}`)).toBe(200);
    expect(await status('"other"')).toBe(200);
    expect(await status('Thu, 01 Jan 2026 00:00:00 GMT')).toBe(200);
  });
});

describe('a condition', () => {
  const past = 'Thu, 01 Jan 2015 00:00:00 GMT';
  const future = 'Fri, 01 Jan 2100 00:00:00 GMT';
  // E is the tag of the object.
  test.each<[Record<string, string>, number]>([
    [{ 'if-match': 'E' }, 200],
    [{ 'if-match': '"x", E' }, 200],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': 'W/E' }, 412],
    [{ 'if-match': '"x"' }, 412],
    [{ 'if-none-match': 'E' }, 304],
    [{ 'if-none-match': 'W/E' }, 304],
    [{ 'if-none-match': '"x", W/E, "y"' }, 304],
    [{ 'if-none-match': '*' }, 304],
    [{ 'if-none-match': '"x", "y"' }, 200],
    [{ 'if-modified-since': past }, 200],
    [{ 'if-modified-since': future }, 304],
    [{ 'if-modified-since': 'M' }, 304],
    [{ 'if-modified-since': 'yesterday' }, 200],
    [{ 'if-unmodified-since': past }, 412],
    [{ 'if-unmodified-since': future }, 200],
    [{ 'if-unmodified-since': 'M' }, 200],
    [{ 'if-unmodified-since': '12345' }, 200],
    // A tag takes precedence over a date.
    [{ 'if-match': 'E', 'if-unmodified-since': past }, 200],
    [{ 'if-none-match': '"x"', 'if-modified-since': future }, 200],
    [{ 'if-none-match': 'E', 'if-modified-since': past }, 304],
    [{ 'if-match': '"x"', 'if-none-match': 'E' }, 412],
    [{ 'if-match': 'E', 'if-none-match': 'E' }, 304],
  ])('the conditions %o of a GET and a HEAD result in %i', async (conditions, status) => {
    const key = newKey();
    const { etag = '' } = (await put(key)).headers;
    const { 'last-modified': modified = '' } = (await get(key)).headers;
    const headers = Object.fromEntries(
      Object.entries(conditions).map(([name, value]) => [
        name,
        value.replace('E', etag).replace(/^M$/, modified),
      ]),
    );
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(key, headers, method);
      expect(answer.status).toBe(status);
      if (status === 304) expect(answer.headers).toMatchObject({ etag, 'last-modified': modified });
      if (status !== 200 || method === 'HEAD') expect(answer.body.toString()).not.toContain('bytes');
    }
  });

  test('a tag without quotes is accepted, as in S3', async () => {
    const key = newKey();
    const { etag = '' } = (await put(key)).headers;
    expect((await get(key, { 'if-match': etag.replaceAll('"', '') })).status).toBe(200);
    expect((await get(key, { 'if-none-match': etag.replaceAll('"', '') })).status).toBe(304);
  });

  test.each<[Record<string, string>, number, string | undefined]>([
    [{ 'if-match': 'E' }, 200, undefined],
    [{ 'if-match': '"x", E' }, 200, undefined],
    [{ 'if-match': '"x"' }, 412, 'PreconditionFailed'],
    [{ 'if-match': 'W/E' }, 412, 'PreconditionFailed'],
    [{ 'if-none-match': '*' }, 412, 'PreconditionFailed'],
    [{ 'if-none-match': 'E' }, 501, 'NotImplemented'],
  ])('the conditions %o of a PUT result in %i', async (conditions, status, code) => {
    const key = newKey();
    const { etag = '' } = (await put(key)).headers;
    const headers = Object.fromEntries(
      Object.entries(conditions).map(([name, value]) => [name, value.replace('E', etag)]),
    );
    expect(verdict(await put(key, 'other', { headers }))).toEqual([status, code]);
    expect((await get(key)).body.toString()).toBe(status === 200 ? 'other' : 'bytes');
  });

  test('If-Match of a PUT without an object is 404', async () => {
    expect(verdict(await put(newKey(), 'x', { headers: { 'if-match': '"x"' } }))).toEqual([404, 'NoSuchKey']);
  });
});

describe('a key', () => {
  test('a key names exactly one object', async () => {
    const root = newKey();
    const keys = [
      'b',
      'a/../b',
      './b',
      'a//b',
      '/b',
      'b/',
      'b/.',
      'B',
      'b ',
      ' b',
      'b+',
      'b%20',
      'b%2F',
      'a\\..\\b',
    ]
      .concat([
        'b\u0000',
        'b\u0001',
        '\u0000b',
        'b\n',
        'b\u007f',
        'b\u00a0',
        '\u00e9',
        'e\u0301',
        '\ufffd',
        '\u{1f5bc}',
      ])
      .concat([
        'b.data',
        'b.meta.json',
        'b?x',
        'b#x',
        'b&c',
        '<b>',
        '"b"',
        "b'",
        '$b{',
        'b~',
        'b*',
        '%00',
        'con',
        'b.',
      ])
      .map((name) => `${root}/${name}`);
    for (const key of keys) expect((await put(key, key)).status).toBe(200);
    for (const key of keys) expect((await get(key)).body.toString()).toBe(key);
    expect(created.map(({ key }) => key)).toEqual(keys);
    for (const [index, key] of keys.entries()) {
      expect((await raw({ method: 'DELETE', key })).status).toBe(204);
      expect(verdict(await get(key))).toEqual([404, 'NoSuchKey']);
      for (const other of keys.slice(index + 1)) if (index < 2) expect((await get(other)).status).toBe(200);
    }
  });

  test.each(['../x', 'a/../../x', '..'])('the key %s climbs above the bucket and is refused', async (key) => {
    for (const method of ['PUT', 'GET', 'HEAD', 'DELETE'])
      expect((await raw({ method, key })).status).toBe(400);
    expect(created).toEqual([]);
  });

  test.each(['a', '\u00e9', '\u{1f5bc}'])(
    'a key of 1024 bytes of %s is accepted, and a longer one refused',
    async (letter) => {
      const size = Buffer.byteLength(letter);
      const long = letter.repeat(Math.floor(1024 / size)).padStart(1024 / size, letter);
      expect((await put(long)).status).toBe(200);
      expect((await get(long)).body.toString()).toBe('bytes');
      const answer = await put(`x${long}`);
      expect(verdict(answer)).toEqual([400, 'KeyTooLongError']);
      expect(answer.body.toString()).toContain('<MaxSizeAllowed>1024</MaxSizeAllowed>');
      expect((await get(`x${long}`, {}, 'HEAD')).status).toBe(400);
    },
  );

  test('a key that is not UTF-8 is refused', async () => {
    for (const path of ['/pictures/%ff', '/pictures/%', '/pictures/%c3%28'])
      expect(verdict(await raw({ path }))).toEqual([400, 'InvalidURI']);
  });
});

test('an empty object is valid', async () => {
  const key = newKey();
  expect((await put(key, '')).headers.etag).toBe('"d41d8cd98f00b204e9800998ecf8427e"');
  const answer = await get(key);
  expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '0', 0]);
  expect((await get(key, {}, 'HEAD')).headers['content-length']).toBe('0');
});
