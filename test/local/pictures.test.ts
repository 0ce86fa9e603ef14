import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { type Client, type ImageResponse, openClient } from '../support/client.ts';
import { smallPhoto } from '../support/pictures.ts';
import { startTestPipeline, type TestPipeline } from '../support/pipeline.ts';

/* Presets by HTTP, with the built functions. */

const presets: SluiceConfig['presets'] = {
  all: { width: 120, formats: ['webp', 'jpeg', 'png', 'avif', 'original'], watermarks: ['owner'] },
  square: { width: 64, height: 64, fit: 'contain', background: '#224466', formats: ['png'] },
  still: { width: 64, animation: 'first', formats: ['webp'], metadata: ['copyright'] },
};
const watermarks: SluiceConfig['watermarks'] = {
  owner: { type: 'text', text: '© {tenant}\n{year}', scale: 0.6, opacity: 1, edge: 'outline' },
};

async function bytesOf(image: ImageResponse, preset: string, format: string): Promise<Buffer> {
  const found = image.variants.find((one) => one.preset === preset && one.format === format);
  if (found === undefined) throw new Error(`no ${preset} ${format}`);
  const response = await fetch(found.url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe(found.contentType);
  return Buffer.from(await response.arrayBuffer());
}

/** Three frames: red, green, blue. */
function film(): Promise<Buffer> {
  const [width, height] = [200, 100];
  const data = Buffer.alloc(width * height * 3 * 3);
  for (let at = 0; at < data.length; at += 3) data[at + Math.floor(at / (width * height * 3))] = 200;
  return sharp(data, { raw: { width, height: height * 3, channels: 3, pageHeight: height } })
    .gif({ delay: [50, 100, 150], loop: 2 })
    .toBuffer();
}

describe('images sent to the API', () => {
  let pipeline: TestPipeline;
  let client: Client;
  beforeAll(async () => {
    pipeline = await startTestPipeline({ presets, watermarks, placeholder: 'blurhash' });
    client = openClient(pipeline.url, pipeline.apiKey);
  });
  afterAll(() => pipeline?.stop());

  it('images sent to the API are returned in every format, with a placeholder', async () => {
    const photo = await sharp(await smallPhoto(4, 240, 160))
      .withExif({ IFD0: { Copyright: 'Ada Lovelace', Make: 'Secret camera' } })
      .jpeg()
      .toBuffer();
    const image = await client.finished(await client.direct(photo));
    expect(image).toMatchObject({ status: 'ready', original: { width: 240, height: 160, frames: 1 } });
    expect(image.placeholder).toEqual({
      color: expect.stringMatching(/^#[0-9a-f]{6}$/),
      blurhash: expect.stringMatching(/^.{20,40}$/),
    });
    expect(
      image.variants.map((v) => `${v.preset} ${v.contentType} ${v.width}x${v.height} ${v.frames}`),
    ).toEqual([
      'all image/avif 120x80 1',
      'all image/webp 120x80 1',
      'all image/png 120x80 1',
      'all image/jpeg 120x80 1',
      'square image/png 64x64 1',
      'still image/webp 64x43 1',
    ]);
    for (const format of ['webp', 'png', 'jpeg', 'avif']) {
      const { exif, width } = await sharp(await bytesOf(image, 'all', format)).metadata();
      expect([format, width, exif]).toEqual([format, 120, undefined]);
    }
    const kept = (await sharp(await bytesOf(image, 'still', 'webp')).metadata()).exif?.toString('latin1');
    expect(kept).toContain('Ada Lovelace');
    expect(kept).not.toContain('Secret camera');
  });

  it('animations sent to the API stay animated, with the watermark on every frame', async () => {
    const image = await client.finished(await client.upload(await film()));
    expect(image).toMatchObject({ status: 'ready', original: { contentType: 'image/gif', frames: 3 } });
    const moving = await bytesOf(image, 'all', 'webp');
    expect(await sharp(moving).metadata()).toMatchObject({ pages: 3, delay: [50, 100, 150], loop: 2 });
    for (const page of [0, 1, 2]) {
      const { data, info } = await sharp(moving, { page })
        .removeAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      // The text is white: somewhere on each frame all three colours are bright.
      let white = 0;
      for (let at = 0; at < data.length; at += info.channels)
        if (Math.min(...data.subarray(at, at + 3)) > 180) white++;
      expect(white, `frame ${page}`).toBeGreaterThan(30);
    }
    const frames = image.variants.map(({ preset, format, frames }) => `${preset} ${format} ${frames}`);
    expect(frames).toContain('all webp 3');
    expect(frames).toContain('all jpeg 1');
    expect(frames).toContain('still webp 1');
  });
});
