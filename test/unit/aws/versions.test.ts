import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bucket, openBucket } from '../../../lambda/aws/bucket.ts';
import { type Cloud, startCloud } from './cloud.ts';
import { scripted } from './scripted.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytes = Buffer.from('not really a picture');

let cloud: Cloud;
let bucket: Bucket;
beforeAll(async () => {
  cloud = await startCloud();
  bucket = openBucket({ bucketName: cloud.bucketName });
});
afterAll(() => cloud.stop());

describe('uploads under one key', () => {
  const key = 'incoming/t/ticket';
  const upload = (text: string) =>
    bucket.putOriginal({
      key,
      bytes: Buffer.from(text),
      contentType: 'image/png',
      sha256: sha256(Buffer.from(text)),
    });

  it('the first of several uploads under a key is found and read, whatever comes later', async () => {
    const [first, second, third] = [
      await upload('first'),
      await upload('the second'),
      await upload('the third'),
    ];
    expect(await bucket.findFirstUpload(key)).toEqual({ version: first, bytes: 5, later: [third, second] });
    expect(String(await bucket.getOriginal({ key, version: first }, 100))).toBe('first');
    expect(String(await bucket.getOriginal({ key }, 100))).toBe('the third');
    await bucket.deleteVersion(key, third ?? '');
    expect(String(await bucket.getOriginal({ key }, 100))).toBe('the second');
    expect(await bucket.findFirstUpload(key)).toMatchObject({ version: first, later: [second] });
  });

  it('the first upload is found on the last of several pages', async () => {
    const page = (first: number) => {
      const versions = [0, 1].map(
        (n) =>
          `<Version><Key>${key}</Key><VersionId>v${first - n}</VersionId><Size>${first - n}</Size></Version>`,
      );
      const next = `<NextKeyMarker>${key}</NextKeyMarker><NextVersionIdMarker>v${first - 1}</NextVersionIdMarker>`;
      return `<ListVersionsResult>${versions.join('')}<IsTruncated>${first > 2}</IsTruncated>${first > 2 ? next : ''}</ListVersionsResult>`;
    };
    const firstOf: Record<string, number> = { v5: 4, v3: 2 };
    const server = await scripted(({ query }) => ({
      body: page(firstOf[query.get('version-id-marker') ?? ''] ?? 6),
    }));
    const paged = openBucket({ bucketName: 'pictures', client: server.client });
    expect(await paged.findFirstUpload(key)).toMatchObject({ version: 'v1', bytes: 1 });
    expect(server.requests).toHaveLength(3);
    expect(server.requests.map(({ query }) => query.get('key-marker'))).toEqual([null, key, key]);
  });

  it('uploads under a key that only begins with the given one are not found', async () => {
    await bucket.putOriginal({ key: `${key}-2`, bytes, contentType: 'image/png', sha256: sha256(bytes) });
    expect(await bucket.findFirstUpload('incoming/t/tick')).toBeUndefined();
    expect(await bucket.findFirstUpload(`${key}-2`)).toMatchObject({ later: [] });
  });

  it('deleting an original removes all its uploads and no others', async () => {
    await upload('once more');
    expect(await bucket.deleteAt([key])).toEqual({ empty: new Set([key]) });
    expect(await bucket.findFirstUpload(key)).toBeUndefined();
    expect(await bucket.findFirstUpload(`${key}-2`)).toBeDefined();
  });
});
