import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test } from 'vitest';
import {
  bucket,
  client,
  created,
  newKey,
  objectFolder,
  post,
  presign,
  restart,
  trouble,
} from './s3-fixture.ts';

const Bucket = bucket;

async function put(Key: string, Body: string, more: { IfNoneMatch?: string; IfMatch?: string } = {}) {
  const { VersionId } = await client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
  return VersionId ?? '';
}

async function read(Key: string, VersionId?: string): Promise<string | undefined> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return Body?.transformToString();
}

/** Versions and delete markers of a key or prefix as `id`, `id marker`, with a star for the latest. */
async function list(Prefix: string): Promise<string[]> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket, Prefix }),
  );
  const all = [...Versions, ...DeleteMarkers.map((one) => ({ ...one, marker: true }))];
  return all.map((one) => `${one.VersionId}${'marker' in one ? ' marker' : ''}${one.IsLatest ? ' *' : ''}`);
}

async function filesOfBodies(): Promise<number> {
  let files = 0;
  await restart((folder) => {
    const names = readdirSync(join(folder, 'bodies'), { recursive: true, withFileTypes: true });
    files = names.filter((entry) => entry.isFile()).length;
  });
  return files;
}

describe('each write of a key', () => {
  test('a write makes a version, which is returned, announced and read by its id', async () => {
    const key = newKey();
    const first = await put(key, 'first');
    const { url, fields } = await presign(key);
    const second = (await post(url, fields, 'second')).headers.get('x-amz-version-id') ?? '';
    expect([first, second].every((id) => /^[\w-]{32}$/.test(id))).toBe(true);
    expect(created.map((object) => object.versionId)).toEqual([first, second]);
    expect(Number(created[1]?.sequence)).toBeGreaterThan(Number(created[0]?.sequence));
    expect(await read(key)).toBe('second');
    expect(await read(key, first)).toBe('first');
    const head = await client.send(new HeadObjectCommand({ Bucket, Key: key, VersionId: first }));
    expect(head).toMatchObject({ ContentLength: 5, VersionId: first });
    expect((await client.send(new HeadObjectCommand({ Bucket, Key: key }))).VersionId).toBe(second);
    expect(await list(key)).toEqual([`${second} *`, first]);
  });

  test('a write evaluates its condition on the newest version', async () => {
    const key = newKey();
    await put(key, 'first');
    const before = await filesOfBodies();
    const taken = { $metadata: { httpStatusCode: 412 } };
    await expect(put(key, 'x', { IfNoneMatch: '*' })).rejects.toMatchObject(taken);
    expect(await filesOfBodies()).toBe(before);
    const { ETag: old = '' } = await client.send(new HeadObjectCommand({ Bucket, Key: key }));
    await put(key, 'second', { IfMatch: old });
    await expect(put(key, 'third', { IfMatch: old })).rejects.toMatchObject(taken);
    await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    await expect(put(key, 'third', { IfMatch: old })).rejects.toMatchObject({ name: 'NoSuchKey' });
    await put(key, 'again', { IfNoneMatch: '*' });
    expect(await list(key)).toHaveLength(4);
  });
});

describe('DELETE', () => {
  test('DELETE without a version adds a marker, and the object is hidden until the marker is deleted', async () => {
    const key = newKey();
    const first = await put(key, 'first');
    const marker = await client.send(new DeleteObjectCommand({ Bucket, Key: key }));
    expect(marker).toMatchObject({ DeleteMarker: true });
    await expect(read(key)).rejects.toMatchObject({ name: 'NoSuchKey' });
    const inside = { Bucket, Key: key, VersionId: marker.VersionId };
    const refused = await client.send(new GetObjectCommand(inside)).catch((error) => error);
    expect(refused).toMatchObject({ name: 'MethodNotAllowed', $metadata: { httpStatusCode: 405 } });
    expect(refused.$response.headers).toMatchObject({ allow: 'DELETE', 'x-amz-delete-marker': 'true' });
    expect((await client.send(new ListObjectsV2Command({ Bucket, Prefix: key }))).KeyCount).toBe(0);
    expect(await read(key, first)).toBe('first');
    expect(await list(key)).toEqual([first, `${marker.VersionId} marker *`]);
    expect(await client.send(new DeleteObjectCommand(inside))).toMatchObject({ DeleteMarker: true });
    expect(await read(key)).toBe('first');
  });

  test('DELETE with a version removes it with its bytes, and the next older one is the newest', async () => {
    const key = newKey();
    const before = await filesOfBodies();
    const large = 'one'.repeat(400_000);
    const ids = [await put(key, large), await put(key, 'two'), await put(key, 'three')] as const;
    // One large, and a pack of the small ones.
    expect(await filesOfBodies()).toBe(before + 2);
    const remove = (VersionId: string) =>
      client.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId }));
    expect(await remove(ids[1])).toMatchObject({ VersionId: ids[1] });
    expect(await read(key)).toBe('three');
    await remove(ids[2]);
    expect(await read(key)).toBe(large);
    expect(await list(key)).toEqual([`${ids[0]} *`]);
    await remove(ids[2]);
    await remove(ids[0]);
    await expect(read(key)).rejects.toMatchObject({ name: 'NoSuchKey' });
    expect(await list(key)).toEqual([]);
    expect(await filesOfBodies()).toBe(before);
  });

  test('DELETE of many keys and versions reports each result', async () => {
    const [one, two] = [newKey(), newKey()];
    const [first, second, third] = [await put(one, '1'), await put(one, '2'), await put(two, '3')];
    const Objects = [
      { Key: one, VersionId: first },
      { Key: two },
      { Key: two, VersionId: 'no-such-version' },
      { Key: newKey(), VersionId: second },
    ];
    const answer = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(answer.Deleted).toMatchObject([
      { Key: one, VersionId: first },
      { Key: two, DeleteMarker: true },
      { VersionId: second },
    ]);
    expect(answer.Errors).toMatchObject([{ Key: two, Code: 'NoSuchVersion' }]);
    expect(await list(one)).toEqual([`${second} *`]);
    const quiet = { Objects: [{ Key: two, VersionId: third }], Quiet: true };
    expect((await client.send(new DeleteObjectsCommand({ Bucket, Delete: quiet }))).Deleted).toBeUndefined();
    expect(await list(two)).toHaveLength(1);
  });

  test.each([
    ['no id', 'no-id', 'InvalidArgument'],
    ['an unknown one', 'x'.repeat(32), 'NoSuchVersion'],
  ])('DELETE and GET with %s respond as S3 does', async (_what, id, code) => {
    const key = newKey();
    await put(key, 'x');
    await expect(read(key, id)).rejects.toMatchObject({ name: code });
    const remove = client.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId: id }));
    if (code === 'NoSuchVersion') expect(await remove).toMatchObject({ VersionId: id });
    else await expect(remove).rejects.toMatchObject({ name: code });
    expect(await read(key)).toBe('x');
  });
});

describe('a list of versions', () => {
  test('a list of versions has pages that continue after a version that was deleted meanwhile', async () => {
    const prefix = newKey();
    const expected: string[] = [];
    for (const name of ['a', 'b']) {
      const ids = [await put(`${prefix}/${name}`, '1'), await put(`${prefix}/${name}`, '2')];
      ids.push(await put(`${prefix}/${name}`, '3'));
      expected.push(...ids.reverse());
    }
    const seen: string[] = [];
    let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
    for (let pages = 0; pages < 10; pages++) {
      const input = { Bucket, Prefix: `${prefix}/`, MaxKeys: 2, ...markers };
      const page = await client.send(new ListObjectVersionsCommand(input));
      for (const { Key, VersionId } of page.Versions ?? []) {
        seen.push(VersionId ?? '');
        await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
      }
      if (!page.IsTruncated) break;
      markers = {
        KeyMarker: page.NextKeyMarker,
        VersionIdMarker: page.NextVersionIdMarker,
      } as typeof markers;
    }
    expect(seen).toEqual(expected);
    expect(await list(prefix)).toEqual([]);
  });

  test('a list of versions repeats nothing when the last version of the page was deleted', async () => {
    const key = newKey();
    const ids = [await put(key, '1'), await put(key, '2'), await put(key, '3')];
    const first = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix: key, MaxKeys: 2 }));
    const { NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = first;
    expect(VersionIdMarker).toBe(ids[1]);
    await client.send(new DeleteObjectCommand({ Bucket, Key: key, VersionId: VersionIdMarker }));
    const second = await client.send(
      new ListObjectVersionsCommand({ Bucket, Prefix: key, KeyMarker, VersionIdMarker }),
    );
    expect(second.Versions?.map(({ VersionId }) => VersionId)).toEqual([ids[0]]);
  });

  test('a list of versions groups keys below a delimiter, and counts a group as one', async () => {
    const prefix = `${newKey()}/`;
    for (const name of ['a/1', 'a/2', 'b', 'c/1']) await put(prefix + name, 'x');
    const page = (more: object) =>
      client.send(
        new ListObjectVersionsCommand({ Bucket, Prefix: prefix, Delimiter: '/', MaxKeys: 2, ...more }),
      );
    const first = await page({});
    expect(first.CommonPrefixes).toEqual([{ Prefix: `${prefix}a/` }]);
    expect(first.Versions?.map(({ Key }) => Key)).toEqual([`${prefix}b`]);
    const second = await page({ KeyMarker: first.NextKeyMarker, VersionIdMarker: first.NextVersionIdMarker });
    expect(second).toMatchObject({ IsTruncated: false, CommonPrefixes: [{ Prefix: `${prefix}c/` }] });
  });
});

describe('a suspended bucket', () => {
  const set = (Status: 'Enabled' | 'Suspended') =>
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  afterEach(() => set('Enabled'));

  test('a suspended bucket keeps one null version, newer than the earlier versions', async () => {
    const key = newKey();
    const first = await put(key, 'first');
    await set('Suspended');
    expect((await client.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Suspended');
    expect([await put(key, 'second'), await put(key, 'third')]).toEqual(['null', 'null']);
    expect(await list(key)).toEqual(['null *', first]);
    expect(await client.send(new DeleteObjectCommand({ Bucket, Key: key }))).toMatchObject({
      DeleteMarker: true,
      VersionId: 'null',
    });
    expect(await list(key)).toEqual([first, 'null marker *']);
    await set('Enabled');
    const last = await put(key, 'last');
    expect(await list(key)).toEqual([`${last} *`, first, 'null marker']);
  });
});

test('a body that cannot be written makes no version', async () => {
  const key = newKey();
  rmSync(join(objectFolder(), 'bodies'), { recursive: true });
  await expect(put(key, 'x'.repeat(2_000_000))).rejects.toMatchObject({ name: 'InternalError' });
  expect(trouble.splice(0)).toEqual([expect.stringContaining('ENOENT')]);
  expect(await list(key)).toEqual([]);
});
