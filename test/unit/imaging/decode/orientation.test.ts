import { afterAll, describe, expect, it } from 'vitest';
import { withPlainFormats } from '../../../support/plain-formats.ts';
import { colourAt, distance, draw, pixelsIn, quartered, quarters, storedAs } from '../fixtures.ts';
import { made, pixelsOf as variantPixels } from '../in-process.ts';
import { jpegWith, latin1, segment, short, type Tag, tiffFile } from '../inspect/containers.ts';
import { openLane, variantOf } from '../sandbox-folder.ts';

const bare = openLane({
  presets: withPlainFormats({
    large: { width: 600, height: 600 },
    cut: { width: 100, height: 100, fit: 'cover' },
    tiny: { width: 60, height: 60 },
  }),
});
afterAll(() => bare.close());

const corners = [
  [0.1, 0.1],
  [0.9, 0.1],
  [0.1, 0.9],
  [0.9, 0.9],
] as const;

describe('EXIF orientation', () => {
  const upright = quartered(360, 240);
  const formats = ['jpeg', 'png', 'webp', 'tiff'] as const;
  const cases = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((orientation) =>
    formats.map((format) => ({ orientation, format })),
  );

  it.each(cases)(
    'a $format of EXIF orientation $orientation becomes upright',
    async ({ orientation, format }) => {
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
    },
  );

  it('a variant has no orientation tag', async () => {
    const file = await draw(storedAs(upright, 6)).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    for (const { bytes } of (await bare.decode(file)).variants) {
      const sharp = (await import('sharp')).default;
      expect((await sharp(bytes).metadata()).orientation).toBeUndefined();
    }
  });
});

describe('invalid orientations', () => {
  const upright = quartered(60, 40);
  const jpeg = async (...tags: Tag[]) =>
    jpegWith(
      await draw(upright).jpeg().toBuffer(),
      segment(0xe1, Buffer.concat([latin1('Exif\0\0'), tiffFile({ chain: [tags] })])),
    );
  const id = 274;

  it.each([
    ['0', short(id, 0)],
    ['9', short(id, 9)],
    ['65535', short(id, 65_535)],
    ['a negative number', { id, type: 9, data: Buffer.from('faffffff', 'hex') }],
    ['a text', { id, type: 2, data: latin1('6\0') }],
    ['of a type that there is not', { id, type: 99, data: Buffer.from('06000000', 'hex') }],
    ['of no bytes', { id, type: 3, data: Buffer.alloc(0) }],
  ] satisfies [string, Tag][])('the orientation %s counts as upright', async (_, tag) => {
    expect(await seen(await jpeg(tag))).toEqual({ size: [60, 40], corners: [0, 1, 2, 3] });
  });

  it('the same tag with a valid orientation is applied', async () => {
    expect((await seen(await jpeg(short(id, 6)))).size).toEqual([40, 60]);
  });
});

describe('an AVIF', () => {
  const upright = quartered(60, 40);
  const file = (orientation: number) =>
    draw(storedAs(upright, orientation)).withMetadata({ orientation }).avif({ quality: 90 }).toBuffer();

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'an AVIF turned by its own boxes as EXIF’s %i is turned once',
    async (orientation) => {
      const avif = await file(orientation);
      expect(avif.includes('irot') || avif.includes('imir')).toBe(orientation !== 1);
      expect(await seen(avif)).toEqual({ size: [60, 40], corners: [0, 1, 2, 3] });
    },
  );

  it('the EXIF orientation of an AVIF is ignored, because it repeats the boxes', async () => {
    const avif = await draw(upright).withMetadata({ orientation: 6 }).avif({ quality: 90 }).toBuffer();
    const [turn, tag] = [avif.indexOf('irot') + 4, avif.indexOf(Buffer.from('120103000100000006', 'hex'))];
    expect(avif[turn]).not.toBe(0);
    expect(tag).toBeGreaterThan(0);
    avif[turn] = 0;
    expect(await seen(avif)).toEqual({ size: [60, 40], corners: [0, 1, 2, 3] });
  });
});

/** Size of the result, and the quarter of the picture in each of its corners. */
async function seen(bytes: Buffer): Promise<{ size: number[]; corners: number[] }> {
  const decoded = await made(bytes, { all: { width: 100, formats: ['png'] } }, { inputs: { avif: true } });
  const { width, height } = decoded.original;
  const pixels = await variantPixels(decoded, 'all.png');
  expect([pixels.width, pixels.height]).toEqual([width, height]);
  const corner = ([x, y]: readonly [number, number]) =>
    quarters.findIndex((colour) => distance(colourAt(pixels, x, y).slice(0, 3), colour) < 40);
  return { size: [width, height], corners: corners.map(corner) };
}
