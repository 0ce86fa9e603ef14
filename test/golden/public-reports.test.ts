import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gallery } from '../support/pictures.ts';
import { openGolden, untouched } from './golden.ts';

const { oracle, decode, seen } = openGolden({ presets: { whole: untouched } });
const folder = join(gallery, 'found');
const bytesOf = (file: string) => readFileSync(join(folder, file));

/** Files from public reports that are accepted, with the least decibels against Pillow's result for them or another file. */
const pictures: readonly [file: string, decibels: number, reference?: string][] = [
  ['jpeg-18-extraneous-bytes-before-dqt.jpg', 45],
  ['jpeg-adobe-transform-2-3comp.jpg', 45],
  ['jpeg-jfif-version-2.jpg', 45],
  // Pillow does not read a file without its end; this one has the same data.
  ['jpeg-no-eoi.jpg', 45, 'jpeg-jfif-version-2.jpg'],
  ['jpeg-samsung-invalid-sos-params.jpg', 45],
  ['png-orientation-6-rawprofile-ztxt.png', 80],
  ['tiff-cielab-8-bit.tif', 48],
  ['tiff-rgb-plus-2-extra-samples.tif', 80],
  ['tiff-warning-artist-empty.tif', 80],
  ['tiff-warning-free-control.tif', 80],
  ['tiff-warning-imagedescription-without-nul.tif', 80],
  ['tiff-warning-make-two-strings.tif', 80],
  ['tiff-warning-tifffile-with-description.tif', 80],
];

/** Files that are refused: damaged, or with samples that would be decoded incorrectly. */
const refused: readonly [file: string, detail: string][] = [
  // A first-pass scan is repeated after its refinements with other codes: libjpeg is 43 steps off.
  ['jpeg-progressive-inconsistent-scan-repeated.jpg', 'The JPEG is damaged: its data could not be decoded.'],
  [
    'tiff-float32-grey-0-to-1.tif',
    'The TIFF is of a rare kind that is not supported: it holds samples of 32 bits in floating point.',
  ],
  [
    'tiff-zstd.tif',
    'The TIFF is of a rare kind that is not supported: its compression, of number 50000, cannot be read.',
  ],
];

describe.skipIf(!existsSync(folder))(
  'still images of public reports (skipped without ../shared/images)',
  () => {
    it.each(pictures)('%s looks as it does in Pillow', async (file, decibels, reference = file) => {
      const picture = await oracle.make('meant', { path: join(folder, reference) });
      const likeness = await oracle.likeness(await seen(bytesOf(file)), picture);
      expect(likeness.decibels, JSON.stringify(likeness)).toBeGreaterThanOrEqual(decibels);
      expect(likeness.alphaMax).toBe(0);
    });

    it.each(refused)('%s is refused', async (file, detail) => {
      await expect(decode(bytesOf(file))).rejects.toMatchObject({ code: 'corrupt_image', detail });
    });

    it('a TIFF of five 16-bit channels, which Pillow cannot read, has its single colour', async () => {
      const { variants } = await decode(bytesOf('tiff-16-bit-rgb-5-samples.tif'));
      const picture = await oracle.seen(variants[0]?.bytes as Buffer);
      const places = [0, 21, 47].flatMap((y) => [0, 33, 63].map((x) => ({ x, y })));
      for (const place of places)
        expect(await oracle.ask('colourAt', { picture, ...place })).toEqual([233, 78, 39, 255]);
    });
  },
);
