import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { patience } from '../support/pace.ts';
import { gallery, hasGallery } from '../support/pictures.ts';
import { openGolden } from './golden.ts';

const { oracle, decode } = openGolden({
  inputs: { avif: true },
  presets: { small: { width: 400, height: 400, formats: ['png'] } },
});

/** Files that Pillow shows differently, and the reason for the difference. */
const otherwise: Record<string, string> = {
  'odd/wuffs--metadata-empty.gif':
    'pixels that no frame covers are transparent; Pillow uses the background colour',
  'odd/go-fuzz-corpus--basn0g04-31.png': 'Pillow ignores gAMA',
  'odd/image-rs-tests--basi0g16.png': 'Pillow ignores gAMA',
  'odd/pngsuite--oi9n2c16.png': 'Pillow ignores gAMA',
  'odd/pngsuite--s37n3p04.png': 'Pillow ignores gAMA',
  'odd/go-fuzz-corpus--basn6a08.png': 'Pillow ignores gAMA',
  'odd/av1-avif-conformance--hdr_cosmos01000_cicp9-16-9_yuv444_full_qp40.avif':
    'Pillow does not convert the PQ signal to light',
  'odd/av1-avif-conformance--Monochrome.avif':
    'grey in limited range, declared only in its AV1 sequence header, which we do not read: slightly flat',
};
/** The least number of accepted gallery files, of 144, that Pillow reads too. */
const comparable = 120;

const accepted = hasGallery
  ? readFileSync(join(gallery, 'INDEX.tsv'), 'utf8')
      .split('\n')
      .map((row) => row.split('\t'))
      .filter(([, , , expected]) => expected === 'OK')
      .map(([file]) => file as string)
  : [];

describe.skipIf(!hasGallery)('collected files (skipped without ../shared/images)', () => {
  it(
    'collected files look as in Pillow: upright, converted from their profile, reduced to 400 pixels',
    async () => {
      const unlike: string[] = [];
      let compared = 0;
      for (const file of accepted) {
        const path = join(gallery, file);
        // Pillow refuses some of them, or cannot interpret them: CMYK without a profile.
        const picture = await oracle.make('meant', { path }).catch(() => undefined);
        const decoded = await decode(readFileSync(path)).catch(() => undefined);
        const [variant] = decoded?.variants ?? [];
        if (picture === undefined || variant === undefined) continue;
        compared++;
        const { width, height } = variant;
        const reference = await oracle.make('resize', { picture, width, height });
        const { decibels, ssim, alphaMean } = await oracle.likeness(
          await oracle.seen(variant.bytes),
          reference,
        );
        if (decibels < 33 || ssim < 0.98 || alphaMean > 1) unlike.push(file);
        for (const done of [picture, reference]) await oracle.ask('forget', { picture: done });
      }
      expect(compared).toBeGreaterThan(comparable);
      expect(unlike.filter((file) => !(file in otherwise))).toEqual([]);
      expect(Object.keys(otherwise).filter((file) => !unlike.includes(file))).toEqual([]);
    },
    patience(300_000),
  );
});
