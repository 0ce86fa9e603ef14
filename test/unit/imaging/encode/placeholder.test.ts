import { decode, isBlurhashValid } from 'blurhash';
import { thumbHashToApproximateAspectRatio, thumbHashToAverageRGBA, thumbHashToRGBA } from 'thumbhash';
import { describe, expect, it } from 'vitest';
import { distance, draw, type Pixels, plain } from '../fixtures.ts';
import { made } from '../in-process.ts';

const presets = { a: { width: 200 } };

/** Orange, with a blue strip of one fifth on the left. */
function beach(width = 500, height = 250): Pixels {
  const scene = plain(width, height, [240, 140, 40]);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width / 5; x++) scene.data.set([20, 60, 200], (y * width + x) * 3);
  return scene;
}
const rgb = (hex: string) => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

describe('the placeholder', () => {
  it('the default placeholder is a ThumbHash with the shape and colours of the image', async () => {
    const { placeholder } = await made(await draw(beach()).png().toBuffer(), presets);
    expect(Object.keys(placeholder)).toEqual(['color', 'thumbhash']);
    const hash = Buffer.from(placeholder.thumbhash ?? '', 'base64');
    expect(thumbHashToApproximateAspectRatio(hash)).toBeGreaterThan(1.6);
    const { r, g, b } = thumbHashToAverageRGBA(hash);
    // 0.8 × orange + 0.2 × blue; the hash keeps a few bits of each.
    expect(distance([r * 255, g * 255, b * 255], [196, 124, 72])).toBeLessThan(20);
  });

  it.each([
    ['fill', { width: 100, height: 100, fit: 'fill' as const }],
    ['fill, of one column', { width: 1, height: 100, fit: 'fill' as const }],
    ['cover', { width: 50, height: 100, fit: 'cover' as const }],
    ['cover that enlarges', { width: 100, height: 400, fit: 'cover' as const, enlarge: true }],
  ])('the placeholder has the shape of the image if the only preset is %s', async (_, preset) => {
    const { placeholder } = await made(await draw(beach(210, 120)).png().toBuffer(), { a: preset });
    const hash = Buffer.from(placeholder.thumbhash ?? '', 'base64');
    expect(thumbHashToApproximateAspectRatio(hash)).toBeGreaterThan(1.5);
  });

  it('the placeholder is a BlurHash if configured', async () => {
    const { placeholder } = await made(await draw(beach()).png().toBuffer(), presets, {
      placeholder: 'blurhash',
    });
    expect(Object.keys(placeholder)).toEqual(['color', 'blurhash']);
    expect(isBlurhashValid(placeholder.blurhash ?? '').result).toBe(true);
    const seen = decode(placeholder.blurhash ?? '', 10, 5);
    const right = [...seen.subarray((2 * 10 + 8) * 4, (2 * 10 + 8) * 4 + 3)];
    const left = [...seen.subarray(2 * 10 * 4, 2 * 10 * 4 + 3)];
    expect(right[0]).toBeGreaterThan((right[2] ?? 0) + 60);
    expect(left[2]).toBeGreaterThan(left[0] ?? 255);
  });

  it.each([
    [1, 1],
    [3, 2],
    [60, 3000],
    [4000, 40],
  ])('the placeholder of a picture of %i × %i is not noise', async (width, height) => {
    const image = await draw(plain(width, height, [200, 80, 40]))
      .png()
      .toBuffer();
    const hash = Buffer.from((await made(image, presets)).placeholder.thumbhash ?? '', 'base64');
    const { rgba } = thumbHashToRGBA(hash);
    for (let at = 0; at < rgba.length; at += 4)
      expect(distance([...rgba.subarray(at, at + 4)], [200, 80, 40, 255])).toBeLessThan(24);
  });

  it('the colour is the most frequent one, not the mean', async () => {
    const { placeholder } = await made(await draw(beach()).png().toBuffer(), presets, {
      placeholder: 'none',
    });
    expect(Object.keys(placeholder)).toEqual(['color']);
    expect(distance(rgb(placeholder.color), [240, 140, 40])).toBeLessThan(4);
  });

  it('transparent pixels do not count, and a fully transparent image has a white placeholder', async () => {
    const scene: Pixels = { data: Buffer.alloc(100 * 100 * 4), width: 100, height: 100, channels: 4 };
    for (let at = 0; at < scene.data.length; at += 4) scene.data.set([0, 200, 0, 0], at);
    const nothing = await made(await draw(scene).png().toBuffer(), presets);
    expect(nothing.placeholder.color).toBe('#ffffff');
    for (let at = 0; at < scene.data.length / 5; at += 4) scene.data.set([200, 0, 0, 255], at);
    const some = await made(await draw(scene).png().toBuffer(), presets);
    expect(distance(rgb(some.placeholder.color), [200, 0, 0])).toBeLessThan(6);
  });

  it('the placeholder does not depend on the presets, within a few bits of colour', async () => {
    const image = await draw(beach()).png().toBuffer();
    const one = await made(image, { a: { width: 40, formats: ['webp'] } });
    const other = await made(image, { a: { width: 300, height: 300, fit: 'cover', formats: ['webp'] } });
    expect(distance(rgb(one.placeholder.color), rgb(other.placeholder.color))).toBeLessThan(4);
  });
});
