import { describe, expect, it } from 'vitest';
import { shareOf } from '../../../lambda/domain/portion.ts';
import type { PresetFormat } from '../../../lambda/domain/preset.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';

function presetOf(formats: PresetFormat[], effort: { webp?: number; avif?: number; jpeg?: number } = {}) {
  const { presets } = resolveConfig({ presets: { one: { width: 8, formats, effort } } });
  return presets.one as NonNullable<typeof presets.one>;
}

describe('the cheapest portion of a preset', () => {
  it.each<[PresetFormat[], string, string[]]>([
    [['webp', 'jpeg'], 'jpeg', ['webp']],
    [['avif', 'webp', 'jpeg'], 'jpeg', ['avif', 'webp']],
    [['modern', 'jpeg'], 'jpeg', ['modern']],
    [['modern', 'png'], 'png', ['modern']],
    // It has no effort to lower.
    [['modern'], 'modern', []],
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
    expect(effortOf(['jpeg'], { jpeg: 1 })).toMatchObject({ jpeg: 1 });
  });

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
