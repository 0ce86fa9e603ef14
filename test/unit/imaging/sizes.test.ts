import { describe, expect, it } from 'vitest';
import type { Preset } from '../../../lambda/domain/preset.ts';
import { geometry, planCascade } from '../../../lambda/imaging/frames.ts';
import { defaultConfig, useLane, variantOf } from './decoder-folder.ts';
import { colourAt, distance, draw, noise, pixelsIn, quartered, quarters } from './fixtures.ts';

const preset = (
  width: number | undefined,
  height: number | undefined,
  fit: Preset['fit'] = 'inside',
): Preset => ({
  width,
  height,
  fit,
  formats: ['webp'],
  quality: { webp: 80, jpeg: 80 },
  watermarks: [],
});
const size = (width: number, height: number) => ({ width, height });

describe('the size of a variant', () => {
  it.each([
    ['inside, landscape', size(4000, 3000), preset(1600, 1600), size(1600, 1200)],
    ['inside, portrait', size(3000, 4000), preset(1600, 1600), size(1200, 1600)],
    ['inside, width only', size(4000, 1000), preset(800, undefined), size(800, 200)],
    ['inside, height only', size(4000, 1000), preset(undefined, 800), size(3200, 800)],
    ['inside, never enlarged', size(200, 100), preset(1600, 1600), size(200, 100)],
    ['inside, never less than a pixel', size(16_000, 3), preset(320, 320), size(320, 1)],
    ['cover fills the box', size(4000, 3000), preset(500, 500, 'cover'), size(500, 500)],
    [
      'cover, a box too large keeps its proportions',
      size(400, 300),
      preset(1000, 500, 'cover'),
      size(400, 200),
    ],
    ['fill distorts', size(4000, 3000), preset(300, 600, 'fill'), size(300, 600)],
    ['fill, a box too large keeps its proportions', size(400, 100), preset(300, 300, 'fill'), size(100, 100)],
  ])('%s', (_, image, wanted, expected) => {
    expect(geometry(image, wanted).crop).toEqual(expected);
  });
});

describe('the cascade', () => {
  it('decodes to the largest variant and derives each smaller one from the one above', () => {
    const plan = planCascade(size(4000, 3000), [preset(320, 320), preset(1600, 1600), preset(800, 800)]);
    expect(plan.decoded).toEqual(size(1600, 1200));
    expect(plan.steps).toEqual([
      { size: size(1600, 1200), from: 'decoded' },
      { size: size(800, 600), from: 0 },
      { size: size(320, 240), from: 1 },
    ]);
    expect(plan.of.map(({ step }) => step)).toEqual([2, 0, 1]);
  });

  it('does not derive from a size that is hardly larger, which would soften twice', () => {
    const plan = planCascade(size(4000, 4000), [preset(1000, 1000), preset(900, 900), preset(600, 600)]);
    expect(plan.steps.map(({ from }) => from)).toEqual(['decoded', 'decoded', 1]);
  });

  it('derives nothing from a distorted frame', () => {
    const plan = planCascade(size(1000, 1000), [preset(900, 300, 'fill'), preset(100, 100)]);
    expect(plan.decoded).toEqual(size(900, 900));
    expect(plan.steps.map(({ from }) => from)).toEqual(['decoded', 'decoded']);
  });

  it('makes one frame for presets of one size', () => {
    expect(planCascade(size(1000, 500), [preset(500, 500), preset(500, 250, 'cover')]).steps).toHaveLength(1);
  });
});

describe('variants', () => {
  it('of a photograph: three sizes, two formats, in the order asked', async () => {
    const { decode } = useLane(defaultConfig);
    const { variants } = await decode(await draw(noise(2000, 1500)).jpeg().toBuffer());
    expect(variants.map((v) => `${v.preset} ${v.contentType} ${v.width}x${v.height}`)).toEqual([
      'large image/webp 1600x1200',
      'large image/jpeg 1600x1200',
      'medium image/webp 800x600',
      'medium image/jpeg 800x600',
      'small image/webp 320x240',
      'small image/jpeg 320x240',
    ]);
    for (const variant of variants) {
      const { width, height } = await pixelsIn(variant.bytes);
      expect([width, height]).toEqual([variant.width, variant.height]);
      expect(Buffer.isBuffer(variant.bytes)).toBe(true);
    }
  });

  it('only of the presets asked for', async () => {
    const { decode } = useLane(defaultConfig);
    const { variants } = await decode(await draw(quartered(50, 40)).png().toBuffer(), ['small']);
    expect(variants.map(({ preset, width }) => `${preset} ${width}`)).toEqual(['small 50', 'small 50']);
  });

  it('cover keeps the middle, fill keeps all', async () => {
    const { decode } = useLane({
      presets: {
        cover: { width: 100, height: 100, fit: 'cover', formats: ['webp'] },
        fill: { width: 100, height: 100, fit: 'fill', formats: ['webp'] },
      },
    });
    // Quarters are 300 wide; in the middle 200 of 600 a tenth of the left one is seen at x = 0.05.
    const decoded = await decode(await draw(quartered(600, 200)).png().toBuffer());
    for (const name of ['cover.webp', 'fill.webp']) {
      const pixels = await pixelsIn(variantOf(decoded, name).bytes);
      expect([pixels.width, pixels.height]).toEqual([100, 100]);
      expect(distance(colourAt(pixels, 0.2, 0.2), quarters[0])).toBeLessThan(24);
      expect(distance(colourAt(pixels, 0.8, 0.8), quarters[3])).toBeLessThan(24);
    }
    const striped = await decode(await stripes());
    const cover = await pixelsIn(variantOf(striped, 'cover.webp').bytes);
    const fill = await pixelsIn(variantOf(striped, 'fill.webp').bytes);
    expect(distance(colourAt(cover, 0.1, 0.5), [255, 255, 255])).toBeLessThan(12);
    expect(distance(colourAt(fill, 0.1, 0.5), [0, 0, 0])).toBeLessThan(12);
  });
});

/** Black, white, black, each 200 × 200. */
function stripes(): Promise<Buffer> {
  const data = Buffer.alloc(600 * 200 * 3);
  for (let at = 0; at < data.length; at++) {
    const x = Math.floor(at / 3) % 600;
    data[at] = x >= 200 && x < 400 ? 255 : 0;
  }
  return draw({ data, width: 600, height: 200, channels: 3 }).png().toBuffer();
}
