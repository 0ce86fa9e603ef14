import { describe, expect, it } from 'vitest';
import { gravities } from '../../lambda/domain/gravity.ts';
import { openGolden } from './golden.ts';
import type { Picture } from './oracle.ts';

const png = { formats: ['png' as const] };
const cover = { width: 90, height: 90, fit: 'cover' as const, ...png };
const contain = { width: 150, height: 150, fit: 'contain' as const, ...png };
const { oracle, decode } = openGolden({
  presets: {
    inside: { width: 150, height: 150, ...png },
    width: { width: 150, ...png },
    height: { height: 50, ...png },
    small: { width: 1000, height: 1000, ...png },
    enlarged: { width: 600, height: 600, enlarge: true, ...png },
    fill: { width: 100, height: 140, fit: 'fill', ...png },
    'fill-small': { width: 1000, height: 500, fit: 'fill', ...png },
    'fill-enlarged': { width: 400, height: 500, fit: 'fill', enlarge: true, ...png },
    'cover-high': { width: 50, height: 100, fit: 'cover', ...png },
    'cover-small': { width: 1000, height: 1000, fit: 'cover', ...png },
    'cover-enlarged': { width: 400, height: 400, fit: 'cover', enlarge: true, ...png },
    'contain-small': { width: 320, height: 320, fit: 'contain', background: '#204060', ...png },
    'contain-enlarged': {
      width: 400,
      height: 500,
      fit: 'contain',
      enlarge: true,
      background: '#204060',
      ...png,
    },
    'contain-clear': { width: 150, height: 150, fit: 'contain', background: 'transparent', ...png },
    ...Object.fromEntries(gravities.map((gravity) => [`cover-${gravity}`, { ...cover, gravity }])),
    ...Object.fromEntries(
      gravities.map((gravity) => [`contain-${gravity}`, { ...contain, background: '#204060', gravity }]),
    ),
  },
});
const size = { width: 300, height: 200 };
const picture = oracle.make('scene', { ...size, falloff: 0.7 });
const photograph = picture.then((from) => oracle.write('png', { picture: from }));

/** Enlargements are bicubic, which is softer than Lanczos. */
async function expectPicture(preset: string, expected: Picture): Promise<void> {
  const { bytes } = await photograph;
  const [variant] = (await decode(bytes, [preset])).variants;
  const { width, height } = await oracle.ask<{ width: number; height: number }>('size', {
    picture: expected,
  });
  expect(variant).toMatchObject({ width, height });
  const likeness = await oracle.likeness(await oracle.seen(variant?.bytes as Buffer), expected);
  const [decibels, ssim] = preset.endsWith('enlarged') ? [36, 0.98] : [40, 0.99];
  expect(likeness.decibels, JSON.stringify(likeness)).toBeGreaterThan(decibels);
  expect(likeness.alphaMax).toBeLessThanOrEqual(1);
  expect(likeness.ssim).toBeGreaterThan(ssim);
}
const resized = async (width: number, height: number) =>
  oracle.make('resize', { picture: await picture, width, height });

/** The offset for a gravity: at the side that it names, otherwise centred. */
function place(gravity: string, [before, after]: [string, string], room: number): number {
  if (gravity.includes(before)) return 0;
  return gravity.includes(after) ? room : Math.floor(room / 2);
}

describe('the variant matches Pillow’s Lanczos with the same geometry', () => {
  it.each([
    ['inside', 150, 100],
    ['width', 150, 100],
    ['height', 75, 50],
    ['small', 300, 200],
    ['enlarged', 600, 400],
    ['fill', 100, 140],
    ['fill-small', 300, 150],
    ['fill-enlarged', 400, 500],
  ])('the preset %s, at %i × %i, matches Pillow', async (preset, width, height) => {
    await expectPicture(preset, await resized(width, height));
  });

  it.each([
    ['cover-high', 150, 100, { left: 50, top: 0, width: 50, height: 100 }],
    ['cover-small', 300, 200, { left: 50, top: 0, width: 200, height: 200 }],
    ['cover-enlarged', 600, 400, { left: 100, top: 0, width: 400, height: 400 }],
  ])('the preset %s matches Pillow', async (preset, width, height, box) => {
    await expectPicture(preset, await oracle.make('crop', { picture: await resized(width, height), ...box }));
  });

  it.each(gravities)('cover keeps the %s of a wide image', async (gravity) => {
    const left = place(gravity, ['west', 'east'], 135 - 90);
    const box = { left, top: 0, width: 90, height: 90 };
    await expectPicture(
      `cover-${gravity}`,
      await oracle.make('crop', { picture: await resized(135, 90), ...box }),
    );
  });

  it.each(gravities)('contain places the image at the %s of the background', async (gravity) => {
    const top = place(gravity, ['north', 'south'], 50);
    const canvas = { left: 0, top, width: 150, height: 150, background: [32, 64, 96] };
    await expectPicture(
      `contain-${gravity}`,
      await oracle.make('over', { picture: await resized(150, 100), ...canvas }),
    );
  });

  it.each([
    ['contain-small', 300, 200, { left: 10, top: 60, width: 320, height: 320, background: [32, 64, 96] }],
    ['contain-enlarged', 400, 267, { left: 0, top: 116, width: 400, height: 500, background: [32, 64, 96] }],
    ['contain-clear', 150, 100, { left: 0, top: 25, width: 150, height: 150, background: [0, 0, 0, 0] }],
  ])('the preset %s matches Pillow', async (preset, width, height, canvas) => {
    await expectPicture(
      preset,
      await oracle.make('over', { picture: await resized(width, height), ...canvas }),
    );
  });
});

describe('a tall image', () => {
  it.each(['north', 'center', 'south'] as const)('cover keeps the %s of a tall image', async (gravity) => {
    const high = await oracle.make('scene', { width: 200, height: 300, falloff: 0.7 });
    const { bytes } = await oracle.write('png', { picture: high });
    const [variant] = (await decode(bytes, [`cover-${gravity}`])).variants;
    const whole = await oracle.make('resize', { picture: high, width: 90, height: 135 });
    const top = place(gravity, ['north', 'south'], 45);
    const visible = await oracle.make('crop', { picture: whole, left: 0, top, width: 90, height: 90 });
    const { decibels } = await oracle.likeness(await oracle.seen(variant?.bytes as Buffer), visible);
    expect(decibels).toBeGreaterThan(40);
  });
});
