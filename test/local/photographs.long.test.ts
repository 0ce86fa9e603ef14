import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type ImageResponse, openClient } from '../support/client.ts';
import { patience } from '../support/pace.ts';
import { cornerDifference, difference, galleryFiles, hasGallery, pixelsOf } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

/*
 * Real photographs by both kinds of upload, from next to the checkout. Without them this file skips; test/unit/imaging
 * checks the same properties with generated images.
 */
const photos = galleryFiles('photos');
const orientations = galleryFiles('orientation');
const sizes: Record<string, number> = { large: 1600, medium: 800, small: 320 };

describe.skipIf(!hasGallery)('photographs, through the front door', () => {
  let pipeline: TestPipeline;
  let client: Client;
  /** One image each for presigned POST and direct body, in this order. */
  const finished = new Map<string, ImageResponse[]>();
  const variants = new Map<string, Buffer>();

  beforeAll(async () => {
    // Large photographs on two cores: more workers would only wait for each other.
    pipeline = await startTestPipeline({ process: { maxConcurrency: 3 } });
    client = openClient(pipeline.url, pipeline.apiKey);
    const all = [...photos, ...orientations];
    await Promise.all(
      all.map(async ({ name, bytes }) => {
        const ids = [await client.upload(bytes), await client.direct(bytes)];
        finished.set(name, await Promise.all(ids.map((id) => client.finished(id, 240_000))));
      }),
    );
  }, patience(300_000));
  afterAll(() => pipeline?.stop());

  async function variant(image: ImageResponse | undefined, preset: string, format: string): Promise<Buffer> {
    const found = image?.variants.find((one) => one.preset === preset && one.format === format);
    if (found === undefined) throw new Error(`no ${preset} ${format}`);
    const cached = variants.get(found.url);
    if (cached !== undefined) return cached;
    const response = await fetch(found.url);
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(found.sha256);
    expect(bytes.length).toBe(found.bytes);
    variants.set(found.url, bytes);
    return bytes;
  }

  it.each([...photos, ...orientations].map(({ name, bytes }) => [name, bytes] as const))(
    '%s becomes ready by both kinds of upload: three sizes, two formats, upright',
    async (name, bytes) => {
      const upright = (await sharp(bytes).metadata()).autoOrient;
      for (const image of finished.get(name) ?? []) {
        expect(image.status).toBe('ready');
        expect(image.original).toMatchObject({ contentType: 'image/jpeg', bytes: bytes.length, ...upright });
        expect(image.variants).toHaveLength(6);
        for (const { preset, format, width, height } of image.variants) {
          const metadata = await sharp(await variant(image, preset, format)).metadata();
          expect({ width: metadata.width, height: metadata.height }).toEqual({ width, height });
          // As libvips names the container of AVIF.
          expect(metadata.format).toBe(format === 'avif' ? 'heif' : format);
          expect(metadata.orientation).toBeUndefined();
          expect(metadata.exif).toBeUndefined();
          const side = Math.min(sizes[preset] ?? 0, Math.max(upright.width, upright.height));
          expect(Math.max(width, height)).toBe(side);
          expect(Math.abs(width / height - upright.width / upright.height)).toBeLessThan(0.01);
        }
      }
      const [posted, direct] = finished.get(name) ?? [];
      expect(posted?.variants.map(({ sha256 }) => sha256)).toEqual(
        direct?.variants.map(({ sha256 }) => sha256),
      );
    },
  );

  it.each(['landscape', 'portrait'])('all orientations of %s have alike pixels', async (shape) => {
    const of = async (name: string) => pixelsOf(await variant(finished.get(name)?.[0], 'small', 'jpeg'));
    const reference = await of(`${shape}_1.jpg`);
    const turned = { data: Buffer.from(reference.data).reverse() };
    // The scene does not look like itself upside down, so the threshold below can fail.
    expect(difference(reference, turned)).toBeGreaterThan(30);
    for (const { name } of orientations.filter((file) => file.name.startsWith(shape))) {
      // The files differ in a printed number and in their compression, hence not zero.
      expect(difference(reference, await of(name)), name).toBeLessThan(8);
    }
  });

  it.each(photos.map(({ name, bytes }) => [name, bytes] as const))(
    '%s has the watermark on large and medium and not on small',
    async (name, bytes) => {
      const image = finished.get(name)?.[0];
      for (const preset of ['large', 'medium', 'small']) {
        const made = await pixelsOf(await variant(image, preset, 'jpeg'));
        const { width, height } = made;
        const plain = await pixelsOf(
          await sharp(bytes).autoOrient().resize({ width, height, fit: 'fill' }).jpeg().toBuffer(),
        );
        // The mark is in the south-east corner; the opposite corner shows what encoding alone changes.
        const marked = cornerDifference(made, plain, 'southeast');
        const bare = cornerDifference(made, plain, 'northwest');
        if (preset === 'small') expect(marked, preset).toBeLessThan(bare + 6);
        else expect(marked, preset).toBeGreaterThan(bare + 3);
      }
    },
  );
});
