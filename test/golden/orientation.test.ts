import { describe, expect, it } from 'vitest';
import { openGolden, untouched } from './golden.ts';
import { hasTool, type Picture } from './oracle.ts';

const { oracle, decode } = openGolden({
  inputs: { avif: true },
  presets: { whole: untouched, strip: { width: 60, height: 60, formats: ['png'] } },
});
const picture = oracle.make('scene', { width: 192, height: 128, detail: 0.25 });
const orientations = [1, 2, 3, 4, 5, 6, 7, 8];

/** Expects pixels and size as Pillow turns them upright, and no tag that would turn them again. */
async function expectUpright(bytes: Buffer, expected: Picture, decibels: number): Promise<void> {
  const { original, variants } = await decode(bytes);
  const upright = await oracle.ask<{ width: number; height: number }>('size', { picture: expected });
  expect(original).toMatchObject(upright);
  const [whole, strip] = variants;
  const likeness = await oracle.likeness(await oracle.seen(whole?.bytes as Buffer), expected);
  expect(likeness.decibels, JSON.stringify(likeness)).toBeGreaterThan(decibels);
  const { width, height } =
    upright.width > upright.height ? { width: 60, height: 40 } : { width: 40, height: 60 };
  expect(strip).toMatchObject({ width, height });
  const reduced = await oracle.make('resize', { picture: expected, width, height });
  expect(
    (await oracle.likeness(await oracle.seen(strip?.bytes as Buffer), reduced)).decibels,
  ).toBeGreaterThan(32);
  for (const { bytes } of variants) expect((await oracle.about(bytes)).metadata).toEqual([]);
}

describe.each([
  ['jpeg', 45],
  ['png', 80],
  ['webp', 45],
  ['tiff', 80],
])('a %s becomes upright and loses its tag', (writer, decibels) => {
  it.each(orientations)('EXIF orientation %i is applied and removed', async (orientation) => {
    const from = writer === 'tiff' ? { pictures: [await picture] } : { picture: await picture };
    const { bytes } = await oracle.write(writer, { ...from, orientation });
    await expectUpright(bytes, await oracle.seen(bytes, { upright: true }), decibels);
  });
});

describe('a broken EXIF block', () => {
  it.each([
    ['of an orientation that there is not', { orientation: 0 }],
    ['of an orientation of 9', { orientation: 9 }],
    ['of an orientation of 65535', { orientation: 65535 }],
    ['of noise', { broken: 'noise' }],
    ['that is cut off', { orientation: 6, broken: 'cut' }],
    ['whose directory is far beyond its end', { orientation: 6, broken: 'far offset' }],
  ])('an EXIF block %s leaves the picture as stored', async (_, options) => {
    for (const writer of ['jpeg', 'png', 'webp']) {
      const { bytes } = await oracle.write(writer, { picture: await picture, ...options });
      await expectUpright(bytes, await oracle.seen(bytes), 45);
    }
  });

  it.each([
    ['in the other byte order', { orientation: 6, broken: 'big-endian' }],
    ['whose directory leads to itself', { orientation: 6, broken: 'loop' }],
    ['that promises 4,000 entries and has one', { orientation: 6, broken: 'truncated' }],
  ])('an EXIF block %s still turns the picture', async (_, options) => {
    for (const writer of ['jpeg', 'png', 'webp']) {
      const { bytes } = await oracle.write(writer, { picture: await picture, ...options });
      await expectUpright(bytes, await oracle.seen(bytes, { upright: true }), 45);
    }
  });
});

describe.skipIf(!hasTool('avifenc'))('an AVIF is turned and mirrored once (skipped without avifenc)', () => {
  it.each([
    ['turned by 90', { turns: 1 }],
    ['turned by 180', { turns: 2 }],
    ['turned by 270', { turns: 3 }],
    ['mirrored top to bottom', { mirror: 0 }],
    ['mirrored left to right', { mirror: 1 }],
    ['turned by 90 and mirrored', { turns: 1, mirror: 1 }],
    ['turned by 90, with an EXIF tag that says the same', { turns: 3, orientation: 6 }],
    ['upright, with an EXIF tag that says otherwise', { turns: 0, orientation: 6 }],
  ])('an AVIF is shown upright: %s', async (_, options) => {
    const { bytes } = await oracle.write('avif', { picture: await picture, grid: '1x1', ...options });
    const { turns = 0, mirror } = options as { turns?: number; mirror?: number };
    const expected = await oracle.make('turned', { picture: await picture, turns, mirror });
    await expectUpright(bytes, expected, 33);
  });
});
