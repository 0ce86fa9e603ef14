import { createHash } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { describe, expect, test } from 'vitest';
import { bucket as Bucket, client, created, newKey, restart } from './s3-fixture.ts';

const least = 5 * 1024 * 1024;
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest();

async function create(Key: string): Promise<string> {
  const command = { Bucket, Key, ContentType: 'image/png', Metadata: { by: 'me' } };
  const { UploadId = '' } = await client.send(new CreateMultipartUploadCommand(command));
  return UploadId;
}

async function upload(Key: string, UploadId: string, PartNumber: number, Body: Buffer | string) {
  const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { PartNumber, ETag };
}

const complete = (Key: string, UploadId: string, Parts: object[], IfNoneMatch?: string) =>
  client.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, IfNoneMatch }),
  );

test('the parts of an upload become one object when it is completed, and not before, even across a restart', async () => {
  const Key = newKey();
  const first = Buffer.alloc(least, 1);
  const second = Buffer.from('the end');
  const UploadId = await create(Key);
  await upload(Key, UploadId, 1, 'sent again below');
  const one = await upload(Key, UploadId, 1, first);
  await restart();
  const three = await upload(Key, UploadId, 3, second);
  const listed = await client.send(new ListPartsCommand({ Bucket, Key, UploadId }));
  expect(listed.Parts).toMatchObject([
    { PartNumber: 1, Size: least },
    { PartNumber: 3, Size: second.length },
  ]);
  expect(created).toEqual([]);
  await expect(client.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({
    name: 'NoSuchKey',
  });

  const done = await complete(Key, UploadId, [one, three]);
  const eTag = createHash('md5').update(md5(first)).update(md5(second)).digest('hex');
  expect(done).toMatchObject({ ETag: `"${eTag}-2"`, VersionId: expect.any(String) });
  const size = least + second.length;
  expect(created).toMatchObject([
    { by: 'CompleteMultipartUpload', key: Key, size, eTag: `${eTag}-2`, versionId: done.VersionId },
  ]);
  const got = await client.send(new GetObjectCommand({ Bucket, Key }));
  expect(got).toMatchObject({ ContentType: 'image/png', Metadata: { by: 'me' } });
  const bytes = Buffer.from((await got.Body?.transformToByteArray()) ?? []);
  expect(bytes.equals(Buffer.concat([first, second]))).toBe(true);
  await expect(complete(Key, UploadId, [one])).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

describe('an upload', () => {
  test('an upload with unordered, unknown, too small or no parts is not completed', async () => {
    const Key = newKey();
    const UploadId = await create(Key);
    const parts = [await upload(Key, UploadId, 1, 'small'), await upload(Key, UploadId, 2, 'end')] as const;
    const [one, two] = parts;
    for (const [named, code] of [
      [[two, one], 'InvalidPartOrder'],
      [[one, one], 'InvalidPartOrder'],
      [[one, two], 'EntityTooSmall'],
      [[{ PartNumber: 3, ETag: one.ETag }], 'InvalidPart'],
      [[{ PartNumber: 1, ETag: two.ETag }], 'InvalidPart'],
      [[], 'MalformedXML'],
    ] as const)
      await expect(complete(Key, UploadId, [...named])).rejects.toMatchObject({ name: code });
    expect(created).toEqual([]);
    await complete(Key, UploadId, [one]);
  });

  test('an aborted upload is removed', async () => {
    const Key = newKey();
    const UploadId = await create(Key);
    const one = await upload(Key, UploadId, 1, 'x');
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    const gone = { name: 'NoSuchUpload' };
    await expect(complete(Key, UploadId, [one])).rejects.toMatchObject(gone);
    await expect(upload(Key, UploadId, 2, 'x')).rejects.toMatchObject(gone);
  });

  test('an upload of another key, or with an invalid part number, is refused', async () => {
    const UploadId = await create(newKey());
    await expect(upload(newKey(), UploadId, 1, 'x')).rejects.toMatchObject({ name: 'NoSuchUpload' });
    const Key = newKey();
    const own = await create(Key);
    for (const number of [0, 10_001])
      await expect(upload(Key, own, number, 'x')).rejects.toMatchObject({ name: 'InvalidArgument' });
  });

  test('an upload is completed only if its condition holds', async () => {
    const Key = newKey();
    const UploadId = await create(Key);
    const one = await upload(Key, UploadId, 1, 'x');
    await client.send(new PutObjectCommand({ Bucket, Key, Body: 'first' }));
    await expect(complete(Key, UploadId, [one], '*')).rejects.toMatchObject({ name: 'PreconditionFailed' });
    await complete(Key, UploadId, [one]);
  });
});
