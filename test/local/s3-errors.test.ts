import { connect } from 'node:net';
import { parseXml, type XmlElement } from '@rgrove/parse-xml';
import { describe, expect, test } from 'vitest';
import { dice } from './dice.ts';
import { bucket, newKey, s3 } from './s3-fixture.ts';
import { type RawResponse, raw, send } from './s3-raw.ts';

/** Elements of an error document by name; undefined without a document. */
function errorOf({ body }: RawResponse): Record<string, string> | undefined {
  if (body.length === 0) return undefined;
  const root = parseXml(body.toString()).root;
  if (root?.name !== 'Error') return undefined;
  const elements = root.children.filter((child): child is XmlElement => child.type === 'element');
  return Object.fromEntries(elements.map((element) => [element.name, element.text]));
}

test.each([
  ['POST', '/pictures/key', 405, 'OBJECT', 'GET, HEAD, PUT, POST, DELETE'],
  ['PATCH', '/pictures/key', 405, 'OBJECT', 'GET, HEAD, PUT, POST, DELETE'],
  ['PATCH', '/pictures', 405, 'BUCKET', 'GET, HEAD, PUT, POST, DELETE'],
  ['POST', '/pictures', 405, 'BUCKET', 'GET, HEAD, PUT, POST, DELETE'],
  ['PUT', '/', 405, 'SERVICE', 'GET'],
  ['TRACE', '/pictures/key', 405, 'OBJECT', 'GET, HEAD, PUT, POST, DELETE'],
])('%s %s is a method that is not allowed', async (method, path, status, resource, allow) => {
  const answer = await raw({ method, path });
  expect([answer.status, answer.headers.allow]).toEqual([status, allow]);
  expect(errorOf(answer)).toMatchObject({
    Code: 'MethodNotAllowed',
    Message: 'The specified method is not allowed against this resource.',
    Method: method,
    ResourceType: resource,
  });
});

test.each([
  ['PUT', 'acl'],
  ['PUT', 'tagging'],
  ['DELETE', 'tagging'],
  ['GET', 'attributes'],
  ['POST', 'restore'],
  ['GET', 'torrent'],
])('%s ?%s does not touch the object itself', async (method, part) => {
  const key = newKey();
  await raw({ method: 'PUT', key, body: 'bytes' });
  const answer = await raw({ method, key, query: { [part]: '' }, body: '' });
  expect([answer.status, answer.code]).toEqual([501, 'NotImplemented']);
  expect((await raw({ key })).body.toString()).toBe('bytes');
});

describe('the bucket', () => {
  test('the bucket describes itself, and clients cannot create or delete it', async () => {
    expect((await raw({ path: '/' })).body.toString()).toContain(`<Name>${bucket}</Name>`);
    const head = await raw({ method: 'HEAD', path: `/${bucket}` });
    expect([head.status, head.headers['x-amz-bucket-region']]).toEqual([200, 'us-east-1']);
    expect((await raw({ path: `/${bucket}`, query: { location: '' } })).body.toString()).toMatch(
      /<LocationConstraint xmlns="[^"]+"><\/LocationConstraint>/,
    );
    const versioning = await raw({ path: `/${bucket}`, query: { versioning: '' } });
    expect(versioning.body.toString()).toContain('<Status>Enabled</Status>');
    for (const [method, path] of [
      ['PUT', '/new-bucket'],
      ['DELETE', `/${bucket}`],
      ['PUT', `/${bucket}/`],
    ] as const) {
      const answer = await raw({ method, path });
      expect(answer.status).toBeGreaterThanOrEqual(403);
      expect(['AccessDenied', 'NoSuchBucket']).toContain(answer.code);
    }
  });

  test('every method reports a missing bucket', async () => {
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await raw({ method, path: '/nowhere/key' });
      expect(errorOf(answer)).toMatchObject({ Code: 'NoSuchBucket', BucketName: 'nowhere' });
    }
    expect((await raw({ method: 'HEAD', path: '/nowhere' })).status).toBe(404);
  });
});

test('an error contains its request, escapes text from it, and has no body for HEAD', async () => {
  const key = `${newKey()}/<b>&"\u0001`;
  const answer = await raw({ key });
  expect(answer.headers['x-amz-request-id']).toMatch(/^[0-9A-F]{16}$/);
  // A character outside XML is a reference, which a strict parser refuses: as in S3.
  const error = errorOf({ ...answer, body: Buffer.from(answer.body.toString().replaceAll('&#x1;', '')) });
  expect(error).toMatchObject({
    Code: 'NoSuchKey',
    Key: key.replace('\u0001', ''),
    RequestId: answer.headers['x-amz-request-id'],
    HostId: answer.headers['x-amz-id-2'],
  });
  const head = await raw({ method: 'HEAD', key });
  expect([head.status, head.body.length]).toEqual([404, 0]);
});

test.each([
  ['no XML', '<Delete><Object>'],
  ['another document', '<Remove><Object><Key>a</Key></Object></Remove>'],
  ['nothing to delete', '<Delete></Delete>'],
  ['an object without a key', '<Delete><Object><VersionId>a</VersionId></Object></Delete>'],
  ['1001 objects', `<Delete>${'<Object><Key>a</Key></Object>'.repeat(1001)}</Delete>`],
  ['an entity', '<!DOCTYPE x [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>'],
])('a malformed multi-object delete is refused: %s', async (_what, body) => {
  const { createHash } = await import('node:crypto');
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
  const answer = await raw({ method: 'POST', path: `/${bucket}`, query: { delete: '' }, body, headers });
  expect([answer.status, answer.code]).toEqual([400, 'MalformedXML']);
});

test('a multi-object delete without a digest is refused', async () => {
  const body = '<Delete><Object><Key>a</Key></Object></Delete>';
  const answer = await raw({ method: 'POST', path: `/${bucket}`, query: { delete: '' }, body });
  expect([answer.status, answer.code]).toEqual([400, 'InvalidRequest']);
});

test('invalid HTTP gets 400, and other requests continue', async () => {
  const { hostname, port } = new URL(s3.endpoint);
  for (const text of [
    'GET\r\n\r\n',
    'GET / HTTP/1.1\r\nhost: a\r\nbad header\r\n\r\n',
    '\u0016\u0003\u0001',
  ]) {
    const answer = await new Promise<string>((done) => {
      const socket = connect(Number(port), hostname, () => socket.end(text));
      let received = '';
      socket.on('data', (chunk) => {
        received += chunk;
      });
      socket.on('close', () => done(received));
      socket.on('error', () => done(received));
    });
    expect(answer.split('\r\n')[0]).toMatch(/^HTTP\/1\.1 400|^$/);
  }
  expect((await send('GET', '/')).status).toBe(403);
});

describe('for any request', () => {
  const methods = ['GET', 'GET', 'HEAD', 'PUT', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'];
  const paths = [
    '/',
    '//',
    `/${bucket}`,
    `/${bucket}/`,
    `/${bucket}//`,
    '/elsewhere/a',
    '/nowhere/a',
    '/%00/a',
    '/..',
  ]
    .concat([
      `/${bucket}/a`,
      `/${bucket}/a`,
      `/${bucket}/a/../b`,
      `/${bucket}/%00`,
      `/${bucket}/%e2%82`,
      '/x?a',
    ])
    .concat([
      `/${bucket}/${'x'.repeat(1024)}`,
      `/${bucket}/${'%2F'.repeat(300)}`,
      '/*',
      `/${bucket}/a%0d%0ab:%20c`,
    ]);
  const names = [
    'versions',
    'versioning',
    'delete',
    'uploads',
    'uploadId',
    'partNumber',
    'versionId',
    'list-type',
  ]
    .concat([
      'prefix',
      'delimiter',
      'max-keys',
      'start-after',
      'continuation-token',
      'marker',
      'key-marker',
      'acl',
    ])
    .concat([
      'version-id-marker',
      'encoding-type',
      'location',
      'response-expires',
      'response-content-type',
      '__proto__',
    ])
    .concat(['response-cache-control', 'tagging', 'x-amz-meta-q', 'constructor']);
  const values = [
    '',
    '1',
    '2',
    '0',
    '-1',
    'null',
    'x'.repeat(32),
    'url',
    'a',
    '/',
    '\u{1f5bc}',
    '\u0000',
    '1e9',
    'a\r\nb: c',
  ].concat(['AAAAAA', 'true', '%', '99999999999999999999']);
  const headerNames = [
    'range',
    'if-match',
    'if-none-match',
    'if-modified-since',
    'if-unmodified-since',
    'if-range',
  ]
    .concat([
      'content-md5',
      'content-encoding',
      'x-amz-checksum-sha256',
      'x-amz-checksum-mode',
      'x-amz-copy-source',
    ])
    .concat([
      'x-amz-trailer',
      'x-amz-decoded-content-length',
      'x-amz-meta-\u0061',
      'content-type',
      'origin',
      'expires',
    ])
    .concat(['x-amz-sdk-checksum-algorithm', 'x-amz-checksum-algorithm', 'access-control-request-method']);
  const headerValues = [
    '',
    '*',
    '"x"',
    'bytes=0-',
    'bytes=-0',
    'bytes=99999999999999999999-',
    'W/"',
    'AAAA',
    'SHA256',
  ]
    .concat([
      'Thu, 01 Jan 2026 00:00:00 GMT',
      'multipart/form-data',
      'multipart/form-data; boundary=x',
      'ENABLED',
    ])
    .concat(['aws-chunked', '\u00fc', 'x-amz-checksum-crc32', '-1', 'PUT', 'application/xml']);
  const bodies = [
    '',
    'x',
    '<Delete><Object><Key>a</Key></Object></Delete>',
    '--x\r\n\r\n--x--',
    '5\r\nhello\r\n0\r\n\r\n',
  ]
    .concat([
      '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>',
      '\u0000'.repeat(3000),
    ])
    .concat([
      '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
      '{}',
    ]);

  test('any request gets a response of S3, never an internal error', async () => {
    const roll = dice(2026);
    const pick = (from: readonly string[]) => from[roll(from.length)] ?? '';
    const some = (from: readonly string[], of: readonly string[], most: number) =>
      Object.fromEntries(Array.from({ length: roll(most + 1) }, () => [pick(from), pick(of)]));
    const tally = new Map<number, number>();
    for (let round = 0; round < 60; round++) {
      const asked = Array.from({ length: 10 }, () => {
        const streaming =
          roll(12) === 0 ? { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' } : {};
        return {
          method: pick(methods),
          path: pick(paths),
          query: some(names, values, 3),
          headers: { ...some(headerNames, headerValues, 3), ...streaming },
          body: pick(bodies),
          presigned: roll(4) === 0,
        };
      });
      const answers = await Promise.all(asked.map((one) => raw(one)));
      for (const [index, answer] of answers.entries()) {
        const what = JSON.stringify(asked[index]);
        expect([200, 204, 206, 304, 400, 403, 404, 405, 411, 412, 416, 501], what).toContain(answer.status);
        tally.set(answer.status, (tally.get(answer.status) ?? 0) + 1);
        if (answer.status < 400 || asked[index]?.method === 'HEAD') continue;
        expect(answer.code ?? `none, ${answer.status}`, what).toMatch(/^[A-Z][A-Za-z0-9]+$/);
        expect(answer.headers['x-amz-request-id'], what).toBeDefined();
      }
    }
    // The random requests reach S3's operations, not only its checks.
    for (const status of [200, 204, 400, 404, 405])
      expect(tally.get(status), String(status)).toBeGreaterThan(5);
  });
});
