import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { draw } from '../fixtures.ts';
import { bytesOf, made } from '../in-process.ts';

type Colour = readonly [number, number, number];

/** Strokes like letters, with softened edges. */
async function text(ink: Colour, paper: Colour): Promise<Raster> {
  const [width, height] = [480, 360];
  const cover = Buffer.alloc(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (y % 32 < 12 && x % 40 < 30 && (x % 5 < 2 || y % 7 === 0)) cover[y * width + x] = 255;
  const soft = await sharp(cover, { raw: { width, height, channels: 1 } })
    .blur(0.4)
    .extractChannel(0)
    .raw()
    .toBuffer();
  const mixed = (share: number) =>
    ink.map((level, channel) =>
      Math.round((level * share + (paper[channel] as number) * (255 - share)) / 255),
    );
  const levels = Array.from({ length: 256 }, (_, share) => mixed(share));
  return {
    data: Buffer.from([...soft].flatMap((share) => levels[share] as number[])),
    width,
    height,
    channels: 3,
  };
}

/* Each was taken for a photograph: edges counted by luma alone, from 40 levels on. Scores were −45 to 38 for 70. */
const pairs: [string, Colour, Colour][] = [
  ['blue on black', [0, 0, 238], [0, 0, 0]],
  ['red on grey of its luma', [224, 0, 0], [68, 68, 68]],
  ['red on teal of its luma', [221, 0, 0], [0, 96, 112]],
  ['yellow on white', [255, 238, 0], [255, 255, 255]],
  ['dark grey on darker grey', [58, 58, 58], [26, 26, 26]],
  ['light grey on white', [216, 216, 216], [255, 255, 255]],
  ['grey on light grey', [160, 160, 160], [192, 192, 192]],
];

describe.each(pairs)('text in %s', (_, ink, paper) => {
  it('loses no colour: JPEG and AVIF have 4:4:4, and WebP loses nothing', async () => {
    const raster = await text(ink, paper);
    const size = { width: raster.width, height: raster.height, quality: 'standard' } as const;
    const image = await made(
      await draw(raster).png().toBuffer(),
      { a: { ...size, formats: ['modern', 'jpeg'] }, b: { ...size, formats: ['avif'] } },
      { process: { memoryMb: 10_240 } },
    );
    expect(image.variants.map(({ format }) => format)).toEqual(['webp', 'jpeg', 'avif']);
    const [webp, jpeg, avif] = ['webp', 'jpeg', 'avif'].map((format) =>
      bytesOf(image, `${format === 'avif' ? 'b' : 'a'}.${format}`),
    ) as [Buffer, Buffer, Buffer];
    expect((await sharp(jpeg).metadata()).chromaSubsampling).toBe('4:4:4');
    // Two bits of the third byte of av1C (AV1-ISOBMFF, 2.3.3).
    expect(avif.readUInt8(avif.indexOf('av1C') + 6) & 0x0c).toBe(0);
    expect(webp.includes('VP8L')).toBe(true);
    expect((await sharp(webp).raw().toBuffer()).equals(raster.data)).toBe(true);
  });
});
