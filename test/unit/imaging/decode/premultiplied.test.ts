import { describe, expect, it } from 'vitest';
import { isPremultiplied } from '../../../../lambda/imaging/decode/premultiplied.ts';
import { colourAt, distance, draw, type Pixels } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';
import { premultipliedAvif } from '../inspect/avif-files.ts';

/** Stored colours: left half translucent, right half opaque, and a transparent stripe below. */
function veiled(left: number[], right: number[]): Pixels {
  const [width, height] = [64, 48];
  const data = Buffer.alloc(width * height * 4);
  for (let at = 0; at < data.length - width * 4 * 8; at += 4)
    data.set((at / 4) % width < width / 2 ? left : right, at);
  return { data, width, height, channels: 4 };
}

const stored = veiled([80, 53, 10, 128], [159, 106, 20, 255]);
const config = {
  presets: {
    whole: { width: 64, formats: ['png' as const] },
    small: { width: 16, formats: ['png' as const] },
  },
  rest: { inputs: { avif: true } },
};
const avif = (bitdepth: 8 | 10 = 8) =>
  draw(stored).avif({ quality: 100, chromaSubsampling: '4:4:4', bitdepth }).toBuffer();

describe('an AVIF with premultiplied alpha', () => {
  it.each([8, 10] as const)(
    'an AVIF of %i bits has its own colours, in full and reduced size',
    async (bits) => {
      const decoded = await made(premultipliedAvif(await avif(bits)), config.presets, config.rest);
      for (const name of ['whole.png', 'small.png']) {
        const picture = await pixelsOf(decoded, name);
        expect(distance(colourAt(picture, 0.2, 0.4), [159, 106, 20, 128]), name).toBeLessThanOrEqual(3);
        expect(distance(colourAt(picture, 0.8, 0.4), [159, 106, 20, 255]), name).toBeLessThanOrEqual(3);
        expect(colourAt(picture, 0.5, 0.97)[3], name).toBe(0);
      }
      // There is only one colour at the edge between both.
      const small = await pixelsOf(decoded, 'small.png');
      for (const x of [0.4, 0.47, 0.53, 0.6])
        expect(distance(colourAt(small, x, 0.4).slice(0, 3), [159, 106, 20])).toBeLessThanOrEqual(4);
    },
  );

  it('the same bytes without the declaration are not premultiplied', async () => {
    const plain = await avif();
    expect(isPremultiplied(plain)).toBe(false);
    expect(isPremultiplied(premultipliedAvif(plain))).toBe(true);
    const picture = await pixelsOf(await made(plain, config.presets, config.rest), 'whole.png');
    expect(distance(colourAt(picture, 0.2, 0.4), [80, 53, 10, 128])).toBeLessThanOrEqual(2);
  });

  it('a declaration for another item does not count', async () => {
    const other = premultipliedAvif(await avif());
    other[other.indexOf('prem') + 5] = 3;
    expect(isPremultiplied(other)).toBe(false);
  });

  it.each([0, 40, 200, 300])('searching a file cut after %i bytes is safe', async (length) => {
    expect(isPremultiplied(premultipliedAvif(await avif()).subarray(0, length))).toBe(false);
  });
});
