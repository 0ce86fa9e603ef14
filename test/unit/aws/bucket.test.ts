import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bucket, openBucket } from '../../../lambda/aws/bucket.ts';
import { storageClient } from '../../../lambda/aws/storage-client.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { scripted } from './scripted.ts';
import { sdkStorage } from './sdk-storage.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const sha256Base64 = (text: string) => createHash('sha256').update(text).digest('base64');
const bytes = Buffer.from('not really a picture');

let cloud: Cloud;
let client: S3Client;
let bucket: Bucket;
beforeAll(async () => {
  cloud = await startCloud();
  client = sdkStorage();
  bucket = openBucket({ bucketName: cloud.bucketName });
});
afterAll(async () => {
  client.destroy();
  await cloud.stop();
});

describe('originals', () => {
  it('an original is read as it was stored, with its size and type', async () => {
    const original = { key: 'incoming/a/1', bytes, contentType: 'image/png', sha256: sha256(bytes) };
    await bucket.putOriginal(original);
    expect(await bucket.headOriginal('incoming/a/1')).toEqual({ bytes: 20, contentType: 'image/png' });
    expect((await bucket.getOriginal({ key: 'incoming/a/1' }, 20)).equals(bytes)).toBe(true);
  });

  it('an original is stored with its checksum, so that S3 refuses altered bytes', async () => {
    const key = 'incoming/a/checked';
    await bucket.putOriginal({ key, bytes, contentType: 'image/png', sha256: sha256(bytes) });
    const head = new HeadObjectCommand({ Bucket: cloud.bucketName, Key: key, ChecksumMode: 'ENABLED' });
    expect((await client.send(head)).ChecksumSHA256).toBe(
      createHash('sha256').update(bytes).digest('base64'),
    );
  });

  it('an original that is larger than allowed is refused by its announced size', async () => {
    await bucket.putOriginal({ key: 'incoming/a/2', bytes, contentType: 'image/png', sha256: sha256(bytes) });
    await expect(bucket.getOriginal({ key: 'incoming/a/2' }, 19)).rejects.toMatchObject({
      code: 'file_too_large',
    });
  });

  it('a missing original is undefined for HEAD and an internal failure for GET', async () => {
    expect(await bucket.headOriginal('incoming/a/none')).toBeUndefined();
    await expect(bucket.getOriginal({ key: 'incoming/a/none' }, 10)).rejects.toMatchObject({
      code: 'internal',
    });
  });

  describe('an original from a server that announces no length', () => {
    let server: Server;
    let aborted: Promise<unknown>;
    beforeAll(async () => {
      const gone = Promise.withResolvers<unknown>();
      aborted = gone.promise;
      server = createServer((_, response) => {
        // Endless: only a reader that stops makes it stop.
        const pour = () => {
          while (!response.destroyed && response.write(Buffer.alloc(16_384)));
        };
        response.on('drain', pour).on('close', () => gone.resolve(true));
        pour();
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => server.close());

    it('an original without an announced length is refused while it streams, and the rest is not read', async () => {
      const { port } = server.address() as AddressInfo;
      const endless = storageClient({ endpoint: `http://127.0.0.1:${port}` });
      const read = openBucket({ bucketName: 'pictures', client: endless }).getOriginal({ key: 'k' }, 100_000);
      await expect(read).rejects.toMatchObject({ code: 'file_too_large' });
      expect(await aborted).toBe(true);
      endless.destroy();
    });
  });
});

it('an original that announces too many bytes is refused before its first byte arrives', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-length': 1_000_000 }).flushHeaders();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const silent = storageClient({ endpoint: `http://127.0.0.1:${port}` });
  const read = openBucket({ bucketName: 'pictures', client: silent }).getOriginal({ key: 'k' }, 999_999);
  await expect(read).rejects.toMatchObject({ code: 'file_too_large' });
  silent.destroy();
  server.closeAllConnections();
  server.close();
});

describe('variants', () => {
  const variant = {
    key: 'derived/a/1/small.x.y.webp',
    bytes,
    contentType: 'image/webp',
    sha256: sha256(bytes),
  };
  it('a variant is stored with its checksum and as immutable', async () => {
    await bucket.putVariant(variant);
    const command = { Bucket: cloud.bucketName, Key: variant.key };
    const head = await client.send(new HeadObjectCommand({ ...command, ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumSHA256).toBe(Buffer.from(variant.sha256, 'hex').toString('base64'));
    expect(head.CacheControl).toContain('immutable');
  });

  it('a variant whose key already has the same bytes counts as stored', async () => {
    const same = { ...variant, key: 'derived/a/1/same.webp' };
    await bucket.putVariant(same);
    await expect(bucket.putVariant(same)).resolves.toBeUndefined();
  });

  it.each([{ ChecksumSHA256: sha256Base64('other') }, {}])(
    'a variant whose key has other bytes is a failure: %o',
    async (checksum) => {
      const key = 'derived/a/1/taken.webp';
      const command = { Bucket: cloud.bucketName, Key: key, Body: 'other', ...checksum };
      await client.send(new PutObjectCommand(command));
      await expect(bucket.putVariant({ ...variant, key })).rejects.toMatchObject({ code: 'internal' });
    },
  );
});

describe('removal', () => {
  const put = (key: string) =>
    bucket.putOriginal({ key, bytes, contentType: 'image/png', sha256: sha256(bytes) });

  it('removal deletes all objects at its places and no others', async () => {
    await Promise.all(
      ['derived/t/1/a', 'derived/t/1/b', 'derived/t/10/a', 'incoming/t/1', 'incoming/t/10'].map(put),
    );
    const places = ['derived/t/1/', 'incoming/t/1', 'incoming/t/2'];
    expect(await bucket.deleteAt(places)).toEqual({ empty: new Set(places) });
    for (const key of ['derived/t/1/a', 'derived/t/1/b', 'incoming/t/1'])
      expect(await bucket.headOriginal(key)).toBeUndefined();
    for (const key of ['derived/t/10/a', 'incoming/t/10'])
      expect(await bucket.headOriginal(key)).toBeDefined();
    expect(await bucket.deleteAt(places)).toEqual({ empty: new Set(places) });
  });

  it.each(['', '/'])('removal refuses the place "%s", which would be the whole bucket', async (place) => {
    await expect(bucket.deleteAt(['derived/t/1/', place])).rejects.toThrow(RangeError);
  });

  it('removal of a prefix without its slash deletes nothing that begins with it', async () => {
    await put('derived/t/1/a');
    await bucket.deleteAt(['derived/t/1']);
    expect(await bucket.headOriginal('derived/t/1/a')).toBeDefined();
  });
});

describe('an unavailable bucket', () => {
  it('an unavailable bucket is an outage for every call, and the message names no key', async () => {
    const away = storageClient({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    const bucketAway = openBucket({ bucketName: 'pictures', client: away });
    const object = { key: 'incoming/a/secret', bytes, contentType: 'image/png', sha256: sha256(bytes) };
    const calls = [
      bucketAway.headOriginal(object.key),
      bucketAway.getOriginal({ key: object.key }, 1),
      bucketAway.putOriginal(object),
      bucketAway.putVariant(object),
      bucketAway.deleteVersion(object.key, 'v'),
      bucketAway.findUploaded([object.key]),
      bucketAway.deleteAt(['derived/secret/']).then(({ error }) => Promise.reject(error)),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { code: 'storage_unavailable', outage: true },
      });
      expect(String((result as PromiseRejectedResult).reason.message)).not.toContain('secret');
    }
  });

  it('missing permissions on the bucket are an outage too', async () => {
    const denying = await scripted(() => ({ status: 403, body: '<Error><Code>AccessDenied</Code></Error>' }));
    const denied = openBucket({ bucketName: 'pictures', client: denying.client });
    await expect(denied.getOriginal({ key: 'k' }, 1)).rejects.toThrow(
      'storage_unavailable: GET original: AccessDenied (403)',
    );
  });
});
