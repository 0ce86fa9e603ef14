import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { GetObjectCommand, HeadObjectCommand } from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { describe, expect, test } from 'vitest';
import {
  bucket,
  client,
  connect,
  created,
  newKey,
  post,
  presign,
  refusal,
  s3,
  sha256,
  turnClock,
} from './s3-fixture.ts';
import { raw } from './s3-raw.ts';

describe('a presigned POST', () => {
  test('a presigned POST accepts what its policy allows, returns 204 with the ETag, and causes an event', async () => {
    const key = newKey();
    const { url, fields } = await presign(key);
    const answer = await post(url, fields);
    expect(answer.status).toBe(204);
    const md5 = createHash('md5').update('bytes').digest('hex');
    expect(answer.headers.get('etag')).toBe(`"${md5}"`);
    expect(answer.headers.get('location')).toBe(`${s3.endpoint}/${bucket}/${key}`);
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(head).toMatchObject({ ContentType: 'image/jpeg', ContentLength: 5 });
    expect(created).toMatchObject([{ by: 'Post', bucket, key, size: 5, eTag: md5 }]);
  });

  test.each([
    ['a byte too many', 'elevenbytes', 'EntityTooLarge'],
    ['a byte too few', '1', 'EntityTooSmall'],
  ])('a presigned POST with %s is refused', async (_what, bytes, code) => {
    const { url, fields } = await presign(newKey());
    expect((await refusal(await post(url, fields, bytes))).slice(0, 2)).toEqual([400, code]);
    expect(created).toEqual([]);
  });

  test('a presigned POST with megabytes too many is refused, and the client can read the error', async () => {
    const { url, fields } = await presign(newKey());
    const answer = await post(url, fields, new Uint8Array(30 * 1024 * 1024));
    expect((await refusal(answer)).slice(0, 2)).toEqual([400, 'EntityTooLarge']);
  });

  test('a presigned POST above a megabyte goes through a file and arrives whole', async () => {
    const key = newKey();
    const bytes = new Uint8Array(13 * 1024 * 1024).map((_, index) => index % 251);
    const { url, fields } = await presign(key, { Conditions: [['content-length-range', 1, bytes.length]] });
    expect((await post(url, fields, bytes)).status).toBe(204);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(sha256((await Body?.transformToByteArray()) ?? '')).toBe(sha256(bytes));
  });

  test('an expired presigned POST is refused', async () => {
    const { url, fields } = await presign(newKey());
    turnClock(61_000);
    expect(await refusal(await post(url, fields))).toEqual([
      403,
      'AccessDenied',
      'Invalid according to Policy: Policy expired.',
    ]);
  });

  test.each([
    ['another key', { key: 'incoming/other/x' }, '["eq", "$key", '],
    ['another type', { 'Content-Type': 'text/html' }, '["eq", "$Content-Type", "image/jpeg"]'],
    ['no type', { 'Content-Type': undefined }, '["eq", "$Content-Type", "image/jpeg"]'],
    ['another bucket in the form', { bucket: 'elsewhere' }, undefined],
    ['a field that the policy does not name', { acl: 'public-read' }, 'Extra input fields: acl'],
    ['metadata that the policy does not name', { 'x-amz-meta-a': 'b' }, 'Extra input fields: x-amz-meta-a'],
  ])('a presigned POST changed to %s is refused', async (_what, change, reason) => {
    const { url, fields } = await presign(newKey());
    const changed = Object.entries({ ...fields, ...change }).filter(([, value]) => value !== undefined);
    const answer = await post(url, Object.fromEntries(changed) as Record<string, string>);
    // The bucket is that of the address, as in S3.
    if (reason === undefined) return expect(answer.status).toBe(204);
    const [status, code, message] = await refusal(answer);
    expect([status, code]).toEqual([403, 'AccessDenied']);
    expect(message).toContain(`Invalid according to Policy: `);
    expect(message).toContain(reason);
    expect(created).toEqual([]);
  });

  test('a presigned POST for another bucket is refused', async () => {
    const { url, fields } = await presign(newKey());
    const answer = await post(url.replace(bucket, 'elsewhere'), fields);
    expect((await refusal(answer)).slice(0, 2)).toEqual([403, 'AccessDenied']);
  });

  test('a presigned POST with a rewritten policy has a wrong signature', async () => {
    const { url, fields } = await presign(newKey());
    const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString());
    policy.conditions = policy.conditions.map((one: unknown) =>
      Array.isArray(one) && one[0] === 'content-length-range' ? [one[0], 0, 1e9] : one,
    );
    const forged = Buffer.from(JSON.stringify(policy)).toString('base64');
    expect((await refusal(await post(url, { ...fields, Policy: forged }))).slice(0, 2)).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('a presigned POST signed with an unknown key is refused', async () => {
    const other = connect({ credentials: { accessKeyId: 'STRANGER', secretAccessKey: 'a secret' } });
    const { url, fields } = await createPresignedPost(other, { Bucket: bucket, Key: newKey() });
    expect((await refusal(await post(url, fields))).slice(0, 2)).toEqual([403, 'InvalidAccessKeyId']);
  });

  test('a presigned POST without a policy, or with one that is not JSON, is refused', async () => {
    const { url, fields } = await presign(newKey());
    expect((await refusal(await post(url, { key: 'a' }))).slice(0, 2)).toEqual([403, 'AccessDenied']);
    expect((await refusal(await post(url, { ...fields, Policy: 'bm8=' }))).slice(0, 2)).toEqual([
      403,
      'SignatureDoesNotMatch',
    ]);
  });

  test('a presigned POST without a file is refused', async () => {
    const { url, fields } = await presign(newKey());
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    expect(await refusal(await fetch(url, { method: 'POST', body: form }))).toEqual([
      400,
      'InvalidArgument',
      'POST requires exactly one file upload per request.',
    ]);
  });

  test('an interrupted presigned POST leaves nothing', async () => {
    const key = newKey();
    const { url, fields } = await presign(key, { Conditions: [['content-length-range', 1, 5_000_000]] });
    const boundary = 'x'.repeat(20);
    const head = Object.entries({ ...fields, file: '' }).map(([name, value]) => {
      const file = name === 'file' ? '; filename="a.jpg"' : '';
      return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${value}`;
    });
    await new Promise<void>((done) => {
      const outgoing = httpRequest(url, {
        method: 'POST',
        headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'content-length': 3_000_000 },
      });
      outgoing.on('error', () => done());
      outgoing.write(head.join('\r\n'));
      outgoing.write(Buffer.alloc(2_000_000), () => outgoing.destroy());
    });
    await expect(client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).rejects.toMatchObject({
      name: 'NotFound',
    });
    expect(created).toEqual([]);
  });

  describe('with a checksum of the file', () => {
    /** Checksums of `bytes`. */
    const checksums = [
      ['crc32', 'sZlDzg=='],
      ['crc32c', '0G6ckg=='],
      ['sha1', '2vUppzEBwr5ia5n8aTgWPnonYgs='],
      ['sha256', sha256('bytes')],
    ] as const;

    test.each(checksums)(
      'a matching checksum %s of a form is accepted and stored',
      async (algorithm, value) => {
        const key = newKey();
        const name = `x-amz-checksum-${algorithm}`;
        const named = { 'x-amz-checksum-algorithm': algorithm.toUpperCase() };
        const { url, fields } = await presign(key, { Fields: { ...named, [name]: value } });
        expect((await post(url, fields)).status).toBe(204);
        const kept = await client.send(
          new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }),
        );
        expect(kept[`Checksum${algorithm.toUpperCase()}` as 'ChecksumSHA256']).toBe(value);
      },
    );

    test.each(checksums)('a checksum %s of other bytes is refused in a form', async (algorithm, value) => {
      const { url, fields } = await presign(newKey(), { Fields: { [`x-amz-checksum-${algorithm}`]: value } });
      expect((await refusal(await post(url, fields, 'other'))).slice(0, 2)).toEqual([400, 'BadDigest']);
      expect(created).toEqual([]);
    });

    test('a checksum outside the policy is refused in a form', async () => {
      const { url, fields } = await presign(newKey());
      const answer = await post(url, { ...fields, 'x-amz-checksum-sha256': sha256('bytes') });
      expect(await refusal(answer)).toEqual([
        403,
        'AccessDenied',
        'Invalid according to Policy: Extra input fields: x-amz-checksum-sha256',
      ]);
    });

    test('a checksum in the policy may not be omitted or changed', async () => {
      const { url, fields } = await presign(newKey(), {
        Fields: { 'x-amz-checksum-sha256': sha256('bytes') },
      });
      const { 'x-amz-checksum-sha256': _, ...others } = fields;
      for (const form of [others, { ...others, 'x-amz-checksum-sha256': sha256('other') }])
        expect((await refusal(await post(url, form, 'other'))).slice(0, 2)).toEqual([403, 'AccessDenied']);
      expect(created).toEqual([]);
    });

    test.each<[string, Record<string, string>, string]>([
      ['an algorithm without a value', { 'x-amz-checksum-algorithm': 'SHA256' }, 'InvalidRequest'],
      ['an unknown algorithm', { 'x-amz-checksum-algorithm': 'MD5' }, 'InvalidRequest'],
      [
        'the value of another algorithm',
        { 'x-amz-checksum-algorithm': 'SHA1', 'x-amz-checksum-sha256': sha256('bytes') },
        'BadDigest',
      ],
      ['hex in place of base64', { 'x-amz-checksum-sha256': '0'.repeat(64) }, 'InvalidRequest'],
      [
        'two values',
        { 'x-amz-checksum-sha256': sha256('bytes'), 'x-amz-checksum-crc32': 'sZlDzg==' },
        'InvalidRequest',
      ],
      ['the MD5 of other bytes', { 'Content-MD5': 'AAAAAAAAAAAAAAAAAAAAAA==' }, 'BadDigest'],
      ['an invalid MD5', { 'Content-MD5': 'none' }, 'InvalidDigest'],
    ])('an invalid checksum is refused in a form: %s', async (_what, Fields, code) => {
      const { url, fields } = await presign(newKey(), { Fields });
      expect((await refusal(await post(url, fields))).slice(0, 2)).toEqual([400, code]);
      expect(created).toEqual([]);
    });
  });

  test.each<[string, Record<string, string>, number]>([
    ['metadata of any text', { 'x-amz-meta-by': 'K\u00e4se \u{1f5bc}\u0001' }, 204],
    ['an invalid metadata name', { 'x-amz-meta-a b': 'c' }, 400],
    ['a type that no header can have', { 'Content-Type': '\u{1f5bc}' }, 400],
    ['2 KB of metadata', { 'x-amz-meta-by': 'x'.repeat(2047) }, 400],
  ])('a form with %s can be read afterwards, or is refused', async (_what, Fields, status) => {
    const key = newKey();
    const { url, fields } = await presign(key, { Fields });
    const answer = await post(url, fields);
    expect([answer.status, await answer.text()]).toEqual([status, expect.anything()]);
    const head = await raw({ method: 'HEAD', key });
    expect(head.status).toBe(status === 204 ? 200 : 404);
    if (status === 204)
      expect(head.headers['x-amz-meta-by']).toBe(
        `=?UTF-8?B?${Buffer.from('K\u00e4se \u{1f5bc}\u0001').toString('base64')}?=`,
      );
  });

  test('a presigned POST returns 201 with a document if the form requests it', async () => {
    const key = newKey();
    const { url, fields } = await presign(key, { Fields: { success_action_status: '201' } });
    const answer = await post(url, fields);
    expect(answer.status).toBe(201);
    expect(await answer.text()).toContain(`<Key>${key}</Key>`);
  });
});
