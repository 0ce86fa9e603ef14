import { expect, it } from 'vitest';
import { mostFinePixels } from '../../../../lambda/domain/formats.ts';
import { encode } from '../../../../lambda/imaging/encode/encode.ts';
import { lookOf } from '../../../../lambda/imaging/encode/look/look.ts';
import { numberFor } from '../../../../lambda/imaging/encode/numbers.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { presetOf } from '../../../support/recipes.ts';
import { page } from './coloured-page.ts';

const target = { score: 70, auto: true };

it('the number for a score is that of a photograph for a large graphic in WebP, whose memory is reckoned without sharp YUV', async () => {
  const [wide, high] = [4200, Math.floor(mostFinePixels / 4200)];
  const made = (raster: Raster, quality: 'standard' | { webp: number }) =>
    encode(raster, 'webp', {
      preset: presetOf({ width: wide, formats: ['webp'], quality, effort: { webp: 0 } }),
      credits: {},
    });
  // Noise, so that no loss is no way.
  for (const [more, isPlain] of [
    [0, false],
    [1, true],
  ] as const) {
    const raster = page(wide, high + more, 2500);
    const number = numberFor('webp', target, lookOf(raster), false);
    const plain = await made(raster, { webp: number });
    expect((await made(raster, 'standard')).equals(plain), `${more} rows more`).toBe(isPlain);
  }
});
