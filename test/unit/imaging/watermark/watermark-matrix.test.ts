import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { gravities } from '../../../../lambda/domain/gravity.ts';
import type { SluiceConfig } from '../../../../lib/config/schema.ts';
import { draw, type Pixels, pixelsIn, quartered } from '../fixtures.ts';
import { openLane, variantOf } from '../sandbox-folder.ts';
import { patchwork, ring, translucentPatchwork } from './grounds.ts';
import { markDistance, referenceOf } from './reference.ts';

/*
 * Every way to draw a watermark, by the decoder with its own environment, compared with stored pictures. Variants are
 * PNG in the size of the upload, so only the mark differs from the ground.
 */
type Mark = NonNullable<SluiceConfig['watermarks']>[string];
const text = (extra: Partial<Extract<Mark, { type: 'text' }>> = {}): Mark => ({
  type: 'text',
  text: 'Sluice',
  scale: 0.6,
  gravity: 'center',
  opacity: 1,
  ...extra,
});
const image = (name: 'ring' | 'quarters', extra: Partial<Extract<Mark, { type: 'image' }>> = {}): Mark => ({
  type: 'image',
  path: `assets/${name}.png`,
  scale: 0.3,
  gravity: 'center',
  opacity: 1,
  ...extra,
});
const lines = 'Photo by\n© {tenant}\n{year}';

const marks: Record<string, Mark[]> = {
  ...Object.fromEntries(
    gravities.map((gravity) => [gravity, [text({ gravity, scale: 0.25, margin: 0.05 })]]),
  ),
  shadow: [text()],
  outline: [text({ edge: 'outline' })],
  bare: [text({ edge: 'none' })],
  'dark-shadow': [text({ color: '#102030' })],
  'dark-outline': [text({ color: '#102030', edge: 'outline' })],
  'colour-outline': [text({ color: '#ff2020', edge: 'outline' })],
  faint: [text({ opacity: 0.3 })],
  small: [text({ text: '© 2026 Sluice, all rights reserved', opacity: 0.8, edge: 'outline' })],
  scripts: [text({ text: 'Ünal ẞ Ελλάδα\nПривет Việt №→★', scale: 0.9 })],
  'lines-left': [text({ text: lines, gravity: 'west', scale: 0.4 })],
  'lines-middle': [text({ text: lines, scale: 0.4 })],
  'lines-right': [text({ text: lines, gravity: 'northeast', scale: 0.4 })],
  'turned-30': [text({ rotation: 30 })],
  'turned-left': [text({ rotation: -90, gravity: 'east', edge: 'outline' })],
  'turned-over': [text({ rotation: 180 })],
  'too-large-turned': [text({ rotation: -60, scale: 1, margin: 0.1 })],
  tiles: [text({ tile: true, scale: 0.25, opacity: 0.5, spacing: 0.3 })],
  'tiles-turned': [
    text({ tile: true, scale: 0.25, opacity: 0.6, rotation: -30, spacing: 0.2, edge: 'outline' }),
  ],
  ring: [image('ring')],
  'ring-faint': [image('ring', { opacity: 0.4 })],
  'ring-turned-tiles': [image('ring', { tile: true, scale: 0.12, spacing: 1, rotation: 45 })],
  quarters: [image('quarters', { gravity: 'northeast', margin: 0.1 })],
  'quarters-enlarged': [image('quarters', { scale: 0.8 })],
  'quarters-turned': [image('quarters', { rotation: 20, opacity: 0.8 })],
  'quarters-right': [image('quarters', { rotation: 90 })],
  several: [
    image('quarters', { gravity: 'west', opacity: 0.7 }),
    text({ gravity: 'west', scale: 0.5, margin: 0.1 }),
    text({ text: '{year}', gravity: 'southeast', edge: 'outline', scale: 0.2 }),
  ],
};

const presets = Object.fromEntries(
  Object.entries(marks).map(([name, { length }]) => [
    name,
    { width: 160, formats: ['png' as const], watermarks: Array.from({ length }, (_, at) => `${name}-${at}`) },
  ]),
);
const watermarks = Object.fromEntries(
  Object.entries(marks).flatMap(([name, all]) => all.map((mark, at) => [`${name}-${at}`, mark])),
);

/** Above this the picture differs. The references were made on x64; the difference on arm64 was not measured. */
const tolerance = 0.05;

const grounds = [
  ['opaque', patchwork(160, 120), Object.keys(marks)],
  [
    'translucent',
    translucentPatchwork(160, 120),
    ['shadow', 'outline', 'faint', 'turned-30', 'tiles-turned', 'ring', 'ring-faint', 'quarters-turned'],
  ],
  ['low', patchwork(160, 36), ['shadow', 'lines-middle', 'too-large-turned', 'quarters-enlarged']],
] as const;

describe.each(grounds)('on a background that is %s', (ground, pixels, names) => {
  let variants: Map<string, Pixels>;
  beforeAll(async () => {
    const lane = openLane({ presets, watermarks, placeholder: 'none' }, {}, await pictures());
    try {
      const decoded = await lane.decode(await draw(pixels).png().toBuffer(), [...names]);
      variants = new Map();
      for (const name of names) variants.set(name, await pixelsIn(variantOf(decoded, `${name}.png`).bytes));
    } finally {
      lane.close();
    }
  });

  it.each(names)('%s matches the reference that a person approved', async (name) => {
    const marked = variants.get(name) as Pixels;
    const reference = await referenceOf(`${ground}-${name}`, marked);
    expect(markDistance(marked, reference, pixels)).toBeLessThan(tolerance);
  });
});

describe('the references', () => {
  it('every watermark above has one reference, together at most 300 kB', () => {
    const folder = join(import.meta.dirname, 'references');
    const files = readdirSync(folder).sort();
    const expected = grounds.flatMap(([ground, , names]) => names.map((name) => `${ground}-${name}.png`));
    expect(files).toEqual(expected.sort());
    expect(files.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)).toBeLessThan(300_000);
  });
});

async function pictures(): Promise<Record<string, Buffer>> {
  return {
    'assets/ring.png': await draw(ring(96)).png().toBuffer(),
    'assets/quarters.png': await draw(quartered(40, 24)).png().toBuffer(),
  };
}
