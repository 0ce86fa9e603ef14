import { describe, expect, it } from 'vitest';
import { configSchema, type SluiceConfig } from '../../../lib/config/schema.ts';
import { memoryNeeds } from '../../../lib/rules/sandbox-memory.ts';

type Written = SluiceConfig['presets'][string];

/** What the AVIF of a preset is reckoned to take, made of a JPEG, which has no alpha, or of a PNG. */
function needOf(preset: Partial<Written>, type: 'jpeg' | 'png') {
  const settings = configSchema.parse({
    presets: { a: { width: 1000, height: 1000, formats: ['avif'], ...preset } },
  });
  const found = memoryNeeds(settings).find((need) => need.type === type && need.preset?.format === 'avif');
  if (found?.preset === undefined) throw new Error(`no AVIF is made of a ${type}`);
  return { bytes: found.bytes, pixels: found.preset.pixels };
}

/** Bytes a pixel that one preset takes beyond another, opaque and with alpha. */
function beyond(one: Partial<Written>, other: Partial<Written>): number[] {
  return (['jpeg', 'png'] as const).map((type) => {
    const [more, less] = [needOf(one, type), needOf(other, type)];
    expect(more.pixels).toBe(less.pixels);
    return Math.round((more.bytes - less.bytes) / less.pixels);
  });
}

describe('the memory that is reckoned for AVIF', () => {
  it.each([{ avif: 1 }, { avif: 95 }, 'high', 90] as Written['quality'][])(
    'is that of rounding at a quality of %j',
    (quality) => {
      expect(beyond({ quality }, { quality: { avif: 50 } })).toEqual([0, 0]);
    },
  );

  it.each([{ avif: 96 }, { avif: 100 }])('is more at a quality of %j', (quality) => {
    expect(beyond({ quality }, { quality: { avif: 50 } })).toEqual([28, 25]);
  });

  it.each([
    [3, [0, 0]],
    [4, [28, 25]],
    [9, [28, 25]],
  ])('at an effort of %i is beyond that of 0 by %j bytes a pixel', (avif, expected) => {
    expect(beyond({ effort: { avif } }, { effort: { avif: 0 } })).toEqual(expected);
  });

  it('is not more at a high quality and a high effort than at one of them', () => {
    const both = { quality: { avif: 100 }, effort: { avif: 4 } };
    expect(beyond(both, { quality: { avif: 100 } })).toEqual([0, 0]);
  });

  it('is of opaque pictures alone for `modern`, which is WebP of others', () => {
    expect(beyond({}, { formats: ['modern'] })).toEqual([0, 67 - 48]);
  });
});
