import { describe, expect, it } from 'vitest';
import { colourAt, distance, draw, type Pixels, plain } from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';

/** Half-transparent black on the left, opaque red on the right; fully transparent pixels are green. */
function halves(width: number, height: number): Pixels {
  const data = Buffer.alloc(width * height * 4);
  for (let at = 0; at < data.length; at += 4)
    data.set((at / 4) % width < width / 2 ? [0, 255, 0, 0] : [220, 10, 10, 255], at);
  return { data, width, height, channels: 4 };
}

describe('transparent pixels', () => {
  it('transparent pixels stay transparent in WebP, PNG and AVIF', async () => {
    const image = await draw(halves(80, 40)).png().toBuffer();
    const decoded = await made(image, { a: { width: 40, formats: ['webp', 'png', 'avif'] } });
    for (const format of ['webp', 'png', 'avif']) {
      const pixels = await pixelsOf(decoded, `a.${format}`);
      expect(pixels.channels, format).toBe(4);
      expect(colourAt(pixels, 0.2, 0.5)[3], format).toBe(0);
      expect(colourAt(pixels, 0.8, 0.5)[3], format).toBe(255);
      expect(distance(colourAt(pixels, 0.8, 0.5).slice(0, 3), [220, 10, 10]), format).toBeLessThan(12);
    }
  });

  it.each([
    ['#ffffff', [255, 255, 255]],
    ['#3060c0', [48, 96, 192]],
    ['transparent', [255, 255, 255]],
  ] as const)('transparent pixels show the background %s on JPEG', async (background, seen) => {
    const image = await draw(halves(80, 40)).png().toBuffer();
    const pixels = await pixelsOf(
      await made(image, { a: { width: 40, background, formats: ['jpeg'] } }),
      'a.jpeg',
    );
    expect(distance(colourAt(pixels, 0.2, 0.5), seen)).toBeLessThan(6);
    expect(distance(colourAt(pixels, 0.8, 0.5), [220, 10, 10])).toBeLessThan(12);
  });

  it('transparent pixels do not colour the edge next to them when an image is resized', async () => {
    // Transparent green is next to red: blended without alpha, the edge would be brown.
    const decoded = await made(await draw(halves(90, 30)).png().toBuffer(), {
      a: { width: 31, formats: ['png'] },
    });
    const { data } = await pixelsOf(decoded, 'a.png');
    for (let at = 0; at < data.length; at += 4)
      if ((data[at + 3] ?? 0) > 8) expect(data[at + 1], `alpha ${data[at + 3]}`).toBeLessThan(40);
  });
});

describe('a JPEG of translucent pixels', () => {
  it('a JPEG looks like the WebP of the same preset on a page with its background', async () => {
    const steps = plain(160, 20, [40, 90, 200, 255]);
    for (let at = 0; at < steps.data.length; at += 4) steps.data[at + 3] = (at / 4) % 160;
    const quality = { webp: 100, jpeg: 100 };
    const decoded = await made(await draw(steps).png().toBuffer(), {
      a: { width: 160, background: '#e0c020', formats: ['webp', 'jpeg'], quality },
    });
    const [webp, jpeg] = [await pixelsOf(decoded, 'a.webp'), await pixelsOf(decoded, 'a.jpeg')];
    for (let x = 0; x < 160; x += 9) {
      const [r = 0, g = 0, b = 0, alpha = 0] = colourAt(webp, (x + 0.5) / 160, 0.5);
      const seen = [r, g, b].map((value, c) => {
        const below = [0xe0, 0xc0, 0x20][c] as number;
        return below + ((value - below) * alpha) / 255;
      });
      expect(distance(colourAt(jpeg, (x + 0.5) / 160, 0.5), seen), `alpha ${alpha}`).toBeLessThan(8);
    }
  });

  it('half black over white is 127, as in browsers; linear light would give 187', async () => {
    const image = await draw(plain(32, 32, [0, 0, 0, 128]))
      .png()
      .toBuffer();
    const decoded = await made(image, { a: { width: 32, formats: ['jpeg'] } });
    expect(distance(colourAt(await pixelsOf(decoded, 'a.jpeg'), 0.5, 0.5), [127, 127, 127])).toBeLessThan(2);
  });
});
