import { describe, expect, it } from 'vitest';
import type { Preset } from '../../../../lambda/domain/preset.ts';
import { planCascade } from '../../../../lambda/imaging/shape/cascade.ts';
import { geometry } from '../../../../lambda/imaging/shape/geometry.ts';
import { presetOf } from '../../../support/recipes.ts';
import { colourAt, distance, draw, noise, pixelsIn, quartered, quarters } from '../fixtures.ts';
import { defaultConfig, useLane, variantOf } from '../sandbox-folder.ts';

const whole = (width: number, height: number, fit: Preset['fit'] = 'inside') =>
  presetOf({ width, height, fit });
const size = (width: number, height: number) => ({ width, height });

describe('the cascade of sizes', () => {
  const plan = (image: { width: number; height: number }, presets: Preset[]) =>
    planCascade(
      image,
      presets.map((preset) => geometry(image, preset)),
    );

  it('the image is decoded to the largest variant, and each smaller one derives from the next larger', () => {
    const cascade = plan(size(4000, 3000), [whole(320, 320), whole(1600, 1600), whole(800, 800)]);
    expect(cascade.decoded).toEqual(size(1600, 1200));
    expect(cascade.steps).toEqual([
      { size: size(1600, 1200), from: 'decoded' },
      { size: size(800, 600), from: 0 },
      { size: size(320, 240), from: 1 },
    ]);
    expect(cascade.stepOf).toEqual([2, 0, 1]);
  });

  it('no variant derives from one that is hardly larger, which would soften it twice', () => {
    const cascade = plan(size(4000, 4000), [whole(1000, 1000), whole(900, 900), whole(600, 600)]);
    expect(cascade.decoded).toEqual(size(1250, 1250));
    expect(cascade.steps.map(({ from }) => from)).toEqual(['decoded', 'decoded', 1]);
  });

  it('the image is never decoded above its own size', () => {
    const cascade = plan(size(1100, 1100), [whole(1000, 1000), whole(900, 900)]);
    expect(cascade.decoded).toEqual(size(1100, 1100));
  });

  it('for thumbnails a JPEG is decoded somewhat larger, because an eighth would be too coarse', () => {
    expect(plan(size(4000, 3200), [whole(250, 250)]).decoded).toEqual(size(250, 200));
    expect(plan(size(4000, 3200), [whole(240, 240), whole(100, 100)]).decoded).toEqual(size(313, 250));
  });

  it('the image is decoded to a frame of its own if that is the only one, distorted or rounded to fill its box', () => {
    expect(plan(size(1000, 1000), [whole(900, 300, 'fill')]).decoded).toEqual(size(900, 300));
    const [image, box] = [size(4001, 3000), whole(401, 300, 'cover')];
    expect(plan(image, [box]).decoded).toEqual(geometry(image, box).frame);
  });

  it('nothing derives from an enlarged frame', () => {
    const enlarged = presetOf({ width: 1600, height: 1600, enlarge: true });
    const cascade = plan(size(800, 800), [enlarged, whole(400, 400)]);
    expect(cascade.decoded).toEqual(size(800, 800));
    expect(cascade.steps.map(({ from }) => from)).toEqual(['decoded', 'decoded']);
  });

  it('nothing derives from a distorted frame', () => {
    const cascade = plan(size(1000, 1000), [whole(900, 300, 'fill'), whole(100, 100)]);
    expect(cascade.decoded).toEqual(size(900, 900));
    expect(cascade.steps.map(({ from }) => from)).toEqual(['decoded', 'decoded']);
  });

  it('presets of one size share a frame', () => {
    expect(plan(size(1000, 500), [whole(500, 500), whole(500, 250, 'cover')]).steps).toHaveLength(1);
  });
});

describe('variants', () => {
  it('a photograph has three sizes in two formats, in the requested order', async () => {
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

  it('only the requested presets are made', async () => {
    const { decode } = useLane(defaultConfig);
    const { variants } = await decode(await draw(quartered(50, 40)).png().toBuffer(), ['small']);
    expect(variants.map(({ preset, width }) => `${preset} ${width}`)).toEqual(['small 50', 'small 50']);
  });

  it('cover keeps the middle, fill keeps everything', async () => {
    const { decode } = useLane({
      presets: {
        cover: { width: 100, height: 100, fit: 'cover', formats: ['webp'] },
        fill: { width: 100, height: 100, fit: 'fill', formats: ['webp'] },
      },
    });
    // Quarters are 300 wide; in the middle 200 of 600, the left one is visible at x = 0.05.
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
