import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { draw, type Pixels, pixelsIn, storedAs } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { decibels, lanczos } from './lanczos.ts';

/** The documented promise: each variant compared with a Lanczos of the whole image in one step. */
const promised = 44;
const [width, height] = [1500, 1125];

let jpeg: Buffer;
let whole: Pixels;
beforeAll(async () => {
  jpeg = await photographed(scene());
  whole = await pixelsIn(jpeg);
});

/** Variants of these widths, each with its reference. */
async function variants(file: Buffer, widths: readonly number[]) {
  const presets = Object.fromEntries(
    widths.map((side) => [`w${side}`, { width: side, formats: ['png' as const] }]),
  );
  const decoded = await made(file, presets);
  return Promise.all(
    widths.map(async (side) => {
      const pixels = await pixelsOf(decoded, `w${side}.png`);
      return { side, pixels, ideal: lanczos(whole, pixels) };
    }),
  );
}

describe('a variant matches a Lanczos of the whole image', () => {
  // The bounds are slightly below the measured decibels.
  it.each([
    ['of the default ratios', [600, 300, 120], 54],
    ['nearly as large as one another', [600, 580, 540, 480], 53],
    ['each derived from the one above', [600, 400, 266, 177, 118], 51],
    ['shrunk to half while it is loaded', [450], 46],
    ['to half where a quarter would be enough for a codec', [290, 200], 46],
    ['to a quarter where an eighth would be', [160, 100], 48],
    ['to a thumbnail', [90, 40], 48],
    ['nearly as large as the image', [1490, 1400], 55],
    ['as large as the image', [1500, 750], 55],
  ])('variants match a Lanczos of the whole image: %s', async (_, widths, reached) => {
    expect(reached).toBeGreaterThan(promised);
    for (const { side, pixels, ideal } of await variants(jpeg, widths))
      expect(decibels(pixels.data, ideal), `${side}`).toBeGreaterThan(reached);
  });

  it.each(['png', 'webp'] as const)(
    'variants of a %s, which is not shrunk on load, match a Lanczos of the whole image',
    async (format) => {
      const file = await sharp(jpeg)[format]({ lossless: true }).toBuffer();
      for (const { side, pixels, ideal } of await variants(file, [600, 200]))
        expect(decibels(pixels.data, ideal), `${side}`).toBeGreaterThan(53);
    },
  );

  it.each([3, 6, 7])(
    'a variant turned from EXIF orientation %i matches a Lanczos of the whole image',
    async (orientation) => {
      const file = await photographed(storedAs(scene(), orientation), orientation);
      const upright = await pixelsIn(await sharp(file).autoOrient().png().toBuffer());
      const decoded = await made(file, { w600: { width: 600, formats: ['png'] } });
      const pixels = await pixelsOf(decoded, 'w600.png');
      expect(decibels(pixels.data, lanczos(upright, pixels))).toBeGreaterThan(promised);
    },
  );

  it('a derived variant is at least as close as a pipeline from the file', async () => {
    const [largest, ...derived] = await variants(jpeg, [600, 300, 120]);
    const plain = async (side: number) =>
      (await pixelsIn(await sharp(jpeg).autoOrient().resize(side).png().toBuffer())).data;
    const gain = async ({ side, pixels, ideal }: NonNullable<typeof largest>) =>
      decibels(pixels.data, ideal) - decibels(await plain(side), ideal);
    expect(await gain(largest as NonNullable<typeof largest>)).toBeGreaterThanOrEqual(0);
    for (const variant of derived) expect(await gain(variant), `${variant.side}`).toBeGreaterThan(0);
  });
});

function photographed(pixels: Pixels, orientation?: number): Promise<Buffer> {
  const picture = orientation === undefined ? draw(pixels) : draw(pixels).withMetadata({ orientation });
  return picture.jpeg({ quality: 92, chromaSubsampling: '4:2:0' }).toBuffer();
}

/**
 * Waves on every scale, outlines a pixel or two wide, and grain: as much detail as in the sharpest photographs.
 * Deterministic.
 */
function scene(): Pixels {
  const data = Buffer.alloc(width * height * 3);
  let state = 1;
  const grain = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 24) / 32 - 4;
  };
  // A square wave of this length whose edges rise over one and a half pixels.
  const stripes = (place: number, length: number) =>
    Math.max(-1, Math.min(1, (Math.sin((place / length) * Math.PI) * length) / Math.PI / 1.5));
  for (let at = 0; at < data.length; at += 3) {
    const [x, y] = [(at / 3) % width, Math.floor(at / 3 / width)];
    const waves = 30 * Math.sin(x / 97 + y / 173) + 22 * Math.sin(x / 19 - y / 31);
    const edges = 14 * stripes(Math.hypot(x - 940, y - 350), 41) + 12 * stripes(x + y * 0.6, 63);
    for (let c = 0; c < 3; c++) data[at + c] = 124 + waves + edges + c * 9 * Math.sin(x / 211) + grain();
  }
  return { data, width, height, channels: 3 };
}
