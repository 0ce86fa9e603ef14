import { describe, expect, it } from 'vitest';
import type { Quality } from '../../../lambda/domain/quality.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';

type Written = SluiceConfig['presets'][string];
const resolved = (quality: Written['quality']) =>
  resolveConfig({ presets: { a: { width: 10, ...(quality === undefined ? {} : { quality }) } } }).presets.a
    ?.quality;
const mistake = (preset: object): string => {
  try {
    resolveConfig({ presets: { a: { width: 10, ...preset } } });
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

describe('the formats of a preset', () => {
  const formatsOf = (preset: object) =>
    resolveConfig({ presets: { a: { width: 10, ...preset } } }).presets.a?.formats;

  it.each<[Written['quality'], string[]]>([
    [undefined, ['modern', 'jpeg']],
    ['high', ['modern', 'jpeg']],
    [{ score: 64 }, ['modern', 'jpeg']],
    // With modern, an AVIF would have the number 50, which nobody chose.
    [{}, ['webp', 'jpeg']],
    [{ webp: 85 }, ['webp', 'jpeg']],
  ])('of the quality %j are %j unless they are written', (quality, formats) => {
    const written = quality === undefined ? {} : { quality };
    expect(formatsOf(written)).toEqual(formats);
    expect(formatsOf({ ...written, formats: ['avif', 'png'] })).toEqual(['avif', 'png']);
  });
});

describe('the quality of a preset', () => {
  it.each<[Written['quality'], Quality]>([
    [undefined, { score: 70, auto: true }],
    ['economy', { score: 60, auto: true }],
    ['standard', { score: 70, auto: true }],
    ['high', { score: 80, auto: true }],
    [72.5, { score: 72.5, auto: true }],
    [{ score: 'high' }, { score: 80, auto: true }],
    [
      { score: 64, auto: false },
      { score: 64, auto: false },
    ],
    // What was written before there were scores means what it meant.
    [{}, { webp: 80, jpeg: 80, avif: 50 }],
    [{ jpeg: 92 }, { webp: 80, jpeg: 92, avif: 50 }],
    [
      { webp: 1, jpeg: 100, avif: 37 },
      { webp: 1, jpeg: 100, avif: 37 },
    ],
  ])('%j is %j, and resolves to itself', (written, expected) => {
    expect(resolved(written)).toEqual(expected);
    expect(resolved(expected)).toEqual(expected);
  });

  it.each([
    ['best', 'presets.a.quality: must be one of "economy", "standard", "high", or a score of 40-90'],
    [39, 'presets.a.quality: must be one of "economy", "standard", "high", or a score of 40-90'],
    [91, 'presets.a.quality: must be one of "economy", "standard", "high", or a score of 40-90'],
    [null, 'presets.a.quality: must be one of'],
    [{ score: 'best' }, 'presets.a.quality.score: must be one of "economy"'],
    [{ score: 70, auto: 'yes' }, 'presets.a.quality.auto: Invalid input: expected boolean'],
    [{ score: 70, webp: 80 }, 'presets.a.quality: Unrecognized key: "webp"'],
    [{ auto: false }, 'presets.a.quality.score: must be one of "economy"'],
    [{ auto: false, webp: 80 }, 'presets.a.quality: Unrecognized key: "webp"'],
    [
      [70],
      `presets.a.quality: must be a name or score, an object with a score, or the encoders' numbers like { webp: 80 }; it is a list`,
    ],
    [[], 'presets.a.quality: must be a name or score'],
    [{ webp: 0 }, 'presets.a.quality.webp: Too small'],
    [{ jpeg: 101 }, 'presets.a.quality.jpeg: Too big'],
    [{ png: 80 }, 'presets.a.quality: Unrecognized key: "png"'],
  ])('%j is refused with its place', (quality, expected) => {
    expect(mistake({ quality })).toContain(expected);
  });
});

describe('the formats of a preset', () => {
  it.each([
    [['modern', 'webp']],
    [['avif', 'modern']],
    // The original of a GIF is a WebP.
    [['modern', 'original']],
  ])('%j would name a format twice', (formats) => {
    expect(mistake({ formats })).toContain(
      'presets.a.formats: "modern" is AVIF or WebP by itself; only "jpeg" and "png" can stand beside it',
    );
  });

  it.each([[['modern']], [['modern', 'jpeg', 'png']], [['webp', 'jpeg']], [['avif', 'webp', 'original']]])(
    '%j is accepted',
    (formats) => {
      expect(mistake({ formats })).toBe('accepted');
    },
  );
});
