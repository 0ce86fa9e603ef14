/* A home from before the bucket was versioned, with objects as fauxqs 2.4.1 wrote them. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GetObjectCommand, HeadObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect, onTestFinished, test } from 'vitest';
import { startS3 } from '../../local/s3/server.ts';
import { temporaryFolder } from './test-host.ts';

const Bucket = 'pictures';
const credentials = { accessKeyId: 'LOCALKEY', secretAccessKey: 'a secret' };
const sha256 = createHash('sha256').update('bytes').digest('base64');
const objectsOf = (home: string) => join(home, 'objects', 'buckets', Bucket, 'objects');

async function start(home: string): Promise<S3Client> {
  const s3 = await startS3({
    folder: join(home, 'objects'),
    buckets: [Bucket],
    credentials: { ...credentials, region: 'us-east-1' },
    cors: { allowedOrigins: [], allowedMethods: [], allowedHeaders: [], exposeHeaders: [], maxAgeSeconds: 0 },
    spoolFolder: join(home, 'spool'),
    port: 0,
    onCreated: async () => undefined,
    onTrouble: () => undefined,
  });
  onTestFinished(() => s3.close());
  return new S3Client({ endpoint: s3.endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
}

/** Writes a stored object; `body` and `meta` replace parts that a kill truncated. */
function leave(home: string, path: string, key: string, cut: { body?: string; meta?: string } = {}): void {
  const meta = {
    key,
    contentType: 'image/png',
    contentLength: 5,
    etag: '"4b3a6218bb3e3a7303e8a171a60fcf92"',
    lastModified: '2026-01-02T03:04:05.678Z',
    metadata: { by: 'me' },
    cacheControl: 'private',
    checksumAlgorithm: 'SHA256',
    checksumValue: sha256,
    checksumType: 'FULL_OBJECT',
  };
  const file = join(objectsOf(home), path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.data`, cut.body ?? 'bytes');
  writeFileSync(`${file}.meta.json`, cut.meta ?? JSON.stringify(meta));
}

/** The new path of an object's body. */
function placeOf(home: string, key: string): string {
  const name = createHash('sha256').update(`${Bucket}/${key}`).digest('hex').slice(0, 32);
  return join(home, 'objects', 'bodies', name.slice(0, 2), name);
}

async function versionsIn(client: S3Client): Promise<string[]> {
  const { Versions = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  return Versions.map(({ Key, VersionId, IsLatest }) => `${Key} ${VersionId} ${IsLatest}`);
}

test('each object is the null version, with all its metadata', async () => {
  const home = temporaryFolder();
  const Key = 'incoming/acme/a :/1';
  leave(home, 'incoming/acme/a %3a/1', Key);
  const client = await start(home);
  expect(await versionsIn(client)).toEqual([`${Key} null true`]);
  const { Body, ...got } = await client.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  expect(await Body?.transformToString()).toBe('bytes');
  expect(got).toMatchObject({
    VersionId: 'null',
    ContentType: 'image/png',
    Metadata: { by: 'me' },
    CacheControl: 'private',
    ETag: '"4b3a6218bb3e3a7303e8a171a60fcf92"',
    ChecksumSHA256: sha256,
    LastModified: new Date('2026-01-02T03:04:05.000Z'),
  });
  expect(existsSync(objectsOf(home))).toBe(false);
});

test('an object that a kill truncated, and that was never acknowledged, is skipped', async () => {
  const home = temporaryFolder();
  leave(home, 'whole', 'whole');
  leave(home, 'torn', 'torn', { meta: '{"key": "to' });
  leave(home, 'short', 'short', { body: 'byt' });
  expect(await versionsIn(await start(home))).toEqual(['whole null true']);
});

test('after an interruption it continues at the next start, without duplicates', async () => {
  const home = temporaryFolder();
  const keys = Array.from({ length: 20 }, (_, index) => `old/${String(index).padStart(2, '0')}`);
  for (const key of keys) leave(home, key, key);
  // A folder is in place of the eleventh body.
  const obstacle = placeOf(home, keys[10] ?? '');
  mkdirSync(obstacle, { recursive: true });
  await expect(start(home)).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST|ENOTDIR/);
  expect(existsSync(join(objectsOf(home), `${keys[0]}.data`))).toBe(false);
  expect(existsSync(join(objectsOf(home), `${keys[19]}.data`))).toBe(true);
  rmdirSync(obstacle);
  const client = await start(home);
  expect(await versionsIn(client)).toEqual(keys.map((key) => `${key} null true`));
  for (const Key of keys)
    expect(await client.send(new HeadObjectCommand({ Bucket, Key }))).toMatchObject({ ContentLength: 5 });
});

test('after an interruption between the body and its entry it finds the body', async () => {
  const home = temporaryFolder();
  leave(home, 'moved', 'moved');
  const place = placeOf(home, 'moved');
  mkdirSync(dirname(place), { recursive: true });
  renameSync(join(objectsOf(home), 'moved.data'), place);
  const client = await start(home);
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'moved' }));
  expect(await Body?.transformToString()).toBe('bytes');
});
