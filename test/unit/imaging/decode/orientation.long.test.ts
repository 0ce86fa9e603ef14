import { afterAll, describe, expect, it } from 'vitest';
import { difference, galleryFiles, hasGallery, pixelsOf } from '../../../support/pictures.ts';
import { defaultConfig, openLane, variantOf } from '../sandbox-folder.ts';

const full = openLane(defaultConfig);
afterAll(() => full.close());

describe.skipIf(!hasGallery)('the orientation set (skipped without ../shared/images)', () => {
  it.each(['landscape', 'portrait'])('all nine files of %s look alike', async (shape) => {
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
        // The author of the set encoded each file separately, so grain differs; a wrong rotation is about 60 steps.
        expect(
          difference(expected, await pixelsOf(variantOf(other, name).bytes)),
          `${name} of file ${at + 1}`,
        ).toBeLessThan(6);
      }
    }
  });
});
