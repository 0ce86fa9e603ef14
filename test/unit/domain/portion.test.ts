import { describe, expect, it } from 'vitest';
import type { FormatChoice, VariantFormat } from '../../../lambda/domain/image.ts';
import { completionOf, laterOf, shareOf } from '../../../lambda/domain/portion.ts';
import type { PresetFormat } from '../../../lambda/domain/preset.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';

function presetOf(
  formats: PresetFormat[],
  effort: { webp?: number; avif?: number; jpeg?: number; png?: number } = {},
) {
  const { presets } = resolveConfig({ presets: { one: { width: 8, formats, effort } } });
  return presets.one as NonNullable<typeof presets.one>;
}

const stills = (made: readonly VariantFormat[]) => made.map((format) => ({ format, frames: 1 }));

describe('the cheapest portion of a preset', () => {
  it.each<[PresetFormat[], string, string[]]>([
    [['webp', 'jpeg'], 'jpeg', ['webp']],
    [['avif', 'webp', 'jpeg'], 'jpeg', ['avif', 'webp']],
    [['modern', 'jpeg'], 'jpeg', ['modern']],
    [['modern', 'png'], 'png', ['modern']],
    // Of WebP there is effort to lower, whether the picture becomes one or not.
    [['modern'], 'modern', ['modern']],
    [['avif', 'png'], 'png', ['avif']],
    [['jpeg'], 'jpeg', []],
    [['png'], 'png', []],
    // Less effort, so that it is made anew.
    [['webp'], 'webp', ['webp']],
    [['avif', 'webp'], 'webp', ['avif', 'webp']],
    // AVIF's default effort is its fastest.
    [['avif'], 'avif', []],
    [['original'], 'jpeg', []],
    [['original', 'webp'], 'jpeg', ['webp']],
  ])('of %j of a JPEG is %s, and %j follow', (formats, made, later) => {
    const share = shareOf('one', presetOf(formats), 'jpeg', 'cheapest');
    expect(share.formats).toEqual([made]);
    expect(share.later.sort()).toEqual([...later].sort());
  });

  it('lowers the effort of a single dear format only, and never raises it', () => {
    const effortOf = (formats: PresetFormat[], effort: object) =>
      shareOf('one', presetOf(formats, effort), 'jpeg', 'cheapest').effort;
    expect(effortOf(['webp'], { webp: 6 })).toMatchObject({ webp: 2 });
    expect(effortOf(['webp'], { webp: 1 })).toMatchObject({ webp: 1 });
    expect(effortOf(['avif'], { avif: 4 })).toMatchObject({ avif: 0 });
    expect(effortOf(['modern'], { avif: 3, webp: 6 })).toMatchObject({ avif: 0, webp: 2 });
    expect(effortOf(['modern'], { avif: 0, webp: 1 })).toMatchObject({ avif: 0, webp: 1 });
    expect(effortOf(['modern', 'jpeg'], { avif: 3, webp: 6 })).toMatchObject({ avif: 3, webp: 6 });
    expect(effortOf(['jpeg'], { jpeg: 1 })).toMatchObject({ jpeg: 0 });
    expect(effortOf(['png', 'webp'], { png: 9 })).toMatchObject({ png: 6, webp: 4 });
    expect(effortOf(['png'], { png: 3 })).toMatchObject({ png: 3 });
  });

  it.each<[{ webp: number; avif: number }, VariantFormat[], string[]]>([
    [{ webp: 6, avif: 3 }, ['avif'], ['modern']],
    [{ webp: 6, avif: 3 }, ['webp'], ['modern']],
    // AVIF at its fastest would be the same again, and so would WebP.
    [{ webp: 4, avif: 0 }, ['avif'], []],
    [{ webp: 4, avif: 0 }, ['webp'], ['modern']],
    [{ webp: 1, avif: 3 }, ['webp'], []],
    [{ webp: 1, avif: 3 }, ['avif'], ['modern']],
  ])('of `modern` with effort %j that became %j makes %j anew', (effort, made, later) => {
    const preset = presetOf(['modern'], effort);
    expect(laterOf(shareOf('one', preset, 'png', 'cheapest'), preset, stills(made))).toEqual(later);
  });

  it.each<[PresetFormat[], VariantFormat[], string[]]>([
    [['modern', 'jpeg'], ['jpeg'], ['modern']],
    [['webp'], ['webp'], ['webp']],
    [['avif'], ['avif'], []],
    [['avif', 'webp'], ['webp'], ['avif', 'webp']],
  ])('of %j that became %j is followed by %j', (formats, made, later) => {
    const preset = presetOf(formats);
    expect(laterOf(shareOf('one', preset, 'jpeg', 'cheapest'), preset, stills(made))).toEqual(later);
  });

  it.each<[PresetFormat[], object, VariantFormat, string[]]>([
    [['modern', 'jpeg'], { jpeg: 1 }, 'jpeg', ['modern', 'jpeg']],
    [['png', 'webp'], { png: 9 }, 'png', ['png', 'webp']],
    [['png', 'webp'], { png: 6 }, 'png', ['webp']],
  ])('of %j with effort %j is followed by what had less effort, too', (formats, effort, made, later) => {
    const preset = presetOf(formats, effort);
    expect(laterOf(shareOf('one', preset, 'jpeg', 'cheapest'), preset, stills([made]))).toEqual(later);
  });

  it.each<PresetFormat[][]>([[['webp']], [['modern']]])(
    'of %j is not followed by the animation that it became, whose effort is 2 at most',
    (formats) => {
      const preset = presetOf(formats, { webp: 6 });
      const laterThan = (frames: number) =>
        laterOf(shareOf('one', preset, 'gif', 'cheapest'), preset, [{ format: 'webp', frames }]);
      expect([laterThan(3), laterThan(1)]).toEqual([[], formats]);
    },
  );

  it('together with what follows is the whole, at full effort', () => {
    const preset = presetOf(['avif', 'webp', 'jpeg'], { avif: 4, webp: 4 });
    const { later } = shareOf('one', preset, 'jpeg', 'cheapest');
    const rest = shareOf(
      'one',
      preset,
      'jpeg',
      later.map((format) => ({ preset: 'one', format })),
    );
    expect(rest).toEqual({ formats: ['avif', 'webp'], effort: preset.effort, later: [] });
    expect(shareOf('two', preset, 'jpeg', [{ preset: 'one', format: 'webp' }]).formats).toEqual([]);
    expect(shareOf('one', preset, 'jpeg', 'all').formats).toEqual(['avif', 'webp', 'jpeg']);
  });
});

describe('what completes a preset', () => {
  it.each<[string, FormatChoice[], FormatChoice[], VariantFormat[], FormatChoice[]]>([
    ['what was left', ['webp', 'jpeg'], ['webp'], ['jpeg'], ['webp']],
    ['anew what was left with less effort', ['webp'], ['webp'], ['webp'], ['webp']],
    [
      'no more than was left, where all of it is configured',
      ['avif', 'png', 'jpeg'],
      ['avif'],
      ['jpeg'],
      ['avif'],
    ],
    ['`modern` instead of WebP', ['modern', 'jpeg'], ['webp'], ['jpeg'], ['modern']],
    ['WebP instead of `modern`', ['webp', 'jpeg'], ['modern'], ['jpeg'], ['webp']],
    ['the JPEG too, where the image has none', ['modern', 'jpeg'], ['webp'], ['webp'], ['modern', 'jpeg']],
    [
      'what was left, and instead of the rest what lacks',
      ['avif', 'webp', 'jpeg'],
      ['png', 'webp'],
      ['jpeg'],
      ['avif', 'webp'],
    ],
    ['nothing that the image has', ['jpeg'], ['webp'], ['jpeg'], []],
    ['nothing where nothing was left', ['webp', 'jpeg'], [], ['jpeg'], []],
  ])('is %s', (_, formats, left, made, expected) => {
    expect(completionOf(formats, left, made)).toEqual(expected);
  });
});
