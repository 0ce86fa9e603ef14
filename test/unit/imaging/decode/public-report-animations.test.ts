import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { gallery, hasGallery } from '../../../support/pictures.ts';
import { distance, pixelsIn } from '../fixtures.ts';
import { bytesOf, made } from '../in-process.ts';
import { framesIn } from './frames-in.ts';

/* Inputs from public bug reports, with the results of browsers, Pillow, avifdec and exiftool. */
const found = (name: string) => readFileSync(join(gallery, 'found', name));
const all = ['copyright' as const, 'creator' as const, 'credit' as const];
const whole = { width: 8192, height: 8192, formats: ['webp' as const, 'png' as const], metadata: all };
// All pictures are small enough for a preset that changes nothing.
const limits = { maxPixels: 1_000_000, maxPixelsJpeg: 1_000_000, maxFramePixels: 1_000_000 };
const decodedOf = (name: string) => made(found(name), { whole }, { inputs: { avif: true }, limits });

describe.skipIf(!hasGallery)('animations of public reports (skipped without ../shared/images)', () => {
  it.each([
    ['gif-loop-65535.gif', 65_535, [100, 100]],
    ['gif-delay-655-seconds.gif', 0, [100, 65_535]],
    ['gif-dispose-2-bg-blue-no-transparent-colour.gif', 0, [100, 100, 100]],
    ['gif-dispose-3-on-first-frame.gif', 0, [100, 100]],
    ['meta-gif-xmp.gif', 0, [100, 100, 100]],
  ])('the animation %s is shown correctly', async (name, loop, delay) => {
    const webp = bytesOf(await decodedOf(name), 'whole.webp');
    expect(await sharp(webp).metadata()).toMatchObject({ loop, delay, pages: delay.length });
  });

  it.each([
    ['gif-dispose-2-bg-blue-no-transparent-colour.gif', 1],
    ['gif-dispose-2-bg-blue-no-transparent-colour.gif', 2],
    ['gif-dispose-3-on-first-frame.gif', 1],
  ])('%s is transparent around its frame %i', async (name, index) => {
    const frames = await framesIn(bytesOf(await decodedOf(name), 'whole.webp'));
    const { data, channels } = frames[index] as (typeof frames)[number];
    const alpha = data.filter((_, at) => at % channels === 3);
    expect([channels, alpha[0], alpha.at(-1)]).toEqual([4, 0, 0]);
    expect(alpha.includes(255)).toBe(true);
  });

  it.each(['gif-one-frame-truncated.gif', 'gif-third-frame-truncated-half.gif'])(
    '%s is refused as truncated',
    async (name) => {
      await expect(decodedOf(name)).rejects.toMatchObject({
        code: 'corrupt_image',
        detail: 'The GIF ends before the image is complete.',
      });
    },
  );
});

describe.skipIf(!hasGallery)('AVIF files of public reports (skipped without ../shared/images)', () => {
  it.each(['avif-major-mif1-compat-avif-first.avif', 'avif-major-mif1-compat-mif1-avif.avif'])(
    'the AVIF %s shows its picture',
    async (name) => {
      const { original } = await decodedOf(name);
      expect(original).toMatchObject({ contentType: 'image/avif', width: 360, height: 240 });
    },
  );

  it('premultiplied alpha of an AVIF is divided out', async () => {
    const png = await pixelsIn(bytesOf(await decodedOf('avif-premultiplied-alpha.avif'), 'whole.png'));
    const at = (99 * png.width + 223) * 4;
    expect(distance([...png.data.subarray(at, at + 4)], [159, 106, 20, 128])).toBeLessThanOrEqual(1);
  });
});

describe.skipIf(!hasGallery)('credits of public reports (skipped without ../shared/images)', () => {
  it.each([
    ['meta-gif-xmp.gif', 'GIF rights'],
    ['meta-iptc-second-app13.jpg', 'Second APP13'],
    ['meta-xmp-tab-attr.jpg', 'Agency TAB'],
  ])('the credits of %s are kept', async (name, text) => {
    const { variants } = await decodedOf(name);
    for (const { bytes } of variants) expect(String((await sharp(bytes).metadata()).xmp)).toContain(text);
  });
});
