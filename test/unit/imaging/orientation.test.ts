import { afterAll, describe, expect, it } from 'vitest';
import { difference, galleryFiles, hasGallery, pixelsOf } from '../../support/pictures.ts';
import { defaultConfig, openLane, variantOf } from './decoder-folder.ts';
import { colourAt, distance, draw, pixelsIn, quartered, quarters, storedAs } from './fixtures.ts';

const bare = openLane({
  presets: {
    large: { width: 600, height: 600 },
    cut: { width: 100, height: 100, fit: 'cover' },
    tiny: { width: 60, height: 60 },
  },
});
const full = openLane(defaultConfig);
afterAll(() => {
  bare.close();
  full.close();
});

const corners = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.1, 0.9],
  [0.9, 0.9],
] as const;

describe('an image comes out upright', () => {
  const upright = quartered(360, 240);
  const formats = ['jpeg', 'png', 'webp', 'tiff'] as const;
  const cases = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((orientation) =>
    formats.map((format) => ({ orientation, format })),
  );

  it.each(cases)('from a $format of EXIF orientation $orientation', async ({ orientation, format }) => {
    const file = await draw(storedAs(upright, orientation))
      .withMetadata({ orientation })
      [format]()
      .toBuffer();
    const decoded = await bare.decode(file);
    expect(decoded.original).toMatchObject({ width: 360, height: 240, contentType: `image/${format}` });
    expect(variantOf(decoded, 'large.webp')).toMatchObject({ width: 360, height: 240 });
    expect(variantOf(decoded, 'tiny.webp')).toMatchObject({ width: 60, height: 40 });
    for (const name of ['large.webp', 'large.jpeg', 'cut.webp', 'tiny.jpeg']) {
      const pixels = await pixelsIn(variantOf(decoded, name).bytes);
      corners.forEach(([x, y], quarter) => {
        expect(
          distance(colourAt(pixels, x, y), quarters[quarter] ?? []),
          `${name}, quarter ${quarter}`,
        ).toBeLessThan(24);
      });
    }
  });

  it('and the tag is gone', async () => {
    const file = await draw(storedAs(upright, 6)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    for (const { bytes } of (await bare.decode(file)).variants) {
      const sharp = (await import('sharp')).default;
      expect((await sharp(bytes).metadata()).orientation).toBeUndefined();
    }
  });
});

describe.skipIf(!hasGallery)('the orientation set (skipped without ../shared/images)', () => {
  it.each(['landscape', 'portrait'])('%s: all nine files come out alike', async (shape) => {
    const files = galleryFiles('orientation').filter(({ name }) => name.startsWith(shape));
    expect(files).toHaveLength(9);
    const decoded = [];
    for (const { bytes } of files) decoded.push(await full.decode(bytes));
    const [first, ...others] = decoded;
    if (first === undefined) throw new Error('no file');
    for (const name of first.variants.map(({ preset, format }) => `${preset}.${format}`)) {
      const expected = await pixelsOf(variantOf(first, name).bytes);
      expect(expected.width > expected.height).toBe(shape === 'landscape');
      for (const [at, other] of others.entries()) {
        // Each file was encoded anew by whoever made the set: grain differs, a wrong turn would be some 60 steps.
        expect(
          difference(expected, await pixelsOf(variantOf(other, name).bytes)),
          `${name} of file ${at + 1}`,
        ).toBeLessThan(6);
      }
    }
  });
});
