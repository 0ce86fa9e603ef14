import { describe, expect, it } from 'vitest';
import { gravities } from '../../../../lambda/domain/gravity.ts';
import {
  colourAt,
  distance,
  draw,
  noise,
  type Pixels,
  pixelsIn,
  plain,
  quartered,
  quarters,
} from '../fixtures.ts';
import { made, pixelsOf } from '../in-process.ts';

const box = { width: 100, height: 100, formats: ['png' as const] };
const near = (pixels: Pixels, x: number, y: number, colour: readonly number[], within = 3) =>
  expect(
    distance(colourAt(pixels, x, y).slice(0, 3), colour.slice(0, 3)),
    `at ${x}, ${y}`,
  ).toBeLessThanOrEqual(within);

/** Nine fields of different colours, in the order of the gravities, each 40 × 40. */
function board(): Pixels {
  const data = Buffer.alloc(120 * 120 * 3);
  for (let y = 0; y < 120; y++)
    for (let x = 0; x < 120; x++)
      data.set(field(Math.floor(y / 40) * 3 + Math.floor(x / 40)), (y * 120 + x) * 3);
  return { data, width: 120, height: 120, channels: 3 };
}
const field = (index: number) => [index * 25, 255 - index * 25, (index * 97) % 256];

describe('cover', () => {
  it.each(gravities.map((gravity, index) => [gravity, index] as const))(
    'cover keeps the %s',
    async (gravity, index) => {
      const image = await draw(board()).png().toBuffer();
      // A third of the height, then of the width, which are both ways to crop.
      const wide = await pixelsOf(
        await made(image, { a: { width: 120, height: 40, fit: 'cover', gravity, formats: ['png'] } }),
        'a.png',
      );
      const row = Math.floor(index / 3);
      for (const column of [0, 1, 2]) near(wide, (column + 0.5) / 3, 0.5, field(row * 3 + column));
      const high = await pixelsOf(
        await made(image, { a: { width: 40, height: 120, fit: 'cover', gravity, formats: ['png'] } }),
        'a.png',
      );
      for (const line of [0, 1, 2]) near(high, 0.5, (line + 0.5) / 3, field(line * 3 + (index % 3)));
    },
  );

  it.each(['attention', 'entropy'] as const)(
    'cover with %s keeps the content, wherever it is',
    async (gravity) => {
      for (const left of [20, 260]) {
        const scene = plain(400, 100, [128, 128, 128]);
        for (let y = 10; y < 90; y++)
          for (let x = left; x < left + 100; x++) {
            const at = (y * 400 + x) * 3;
            scene.data.set([230, (x * 37 + y * 11) % 90, (x * y) % 60], at);
          }
        const crop = await pixelsOf(
          await made(await draw(scene).png().toBuffer(), { a: { ...box, fit: 'cover', gravity } }),
          'a.png',
        );
        let red = 0;
        for (let at = 0; at < crop.data.length; at += crop.channels) if ((crop.data[at] ?? 0) > 200) red++;
        // Most of the 8,000 pixels that are not grey wall; the search may omit some at an edge.
        expect(red).toBeGreaterThan(6_500);
      }
    },
  );
});

describe('contain', () => {
  it('contain keeps the whole image and fills the box with the background', async () => {
    const image = await draw(quartered(200, 100)).png().toBuffer();
    const pixels = await pixelsOf(
      await made(image, { a: { ...box, fit: 'contain', background: '#102030' } }),
      'a.png',
    );
    expect([pixels.width, pixels.height]).toEqual([100, 100]);
    near(pixels, 0.5, 0.1, [16, 32, 48], 0);
    near(pixels, 0.5, 0.9, [16, 32, 48], 0);
    near(pixels, 0.2, 0.35, quarters[0]);
    near(pixels, 0.8, 0.65, quarters[3]);
  });

  it.each([
    ['north', 0.1, 0.9],
    ['south', 0.9, 0.1],
  ] as const)('contain places the image at the %s', async (gravity, image, background) => {
    const bytes = await draw(plain(200, 50, [250, 0, 0]))
      .png()
      .toBuffer();
    const pixels = await pixelsOf(await made(bytes, { a: { ...box, fit: 'contain', gravity } }), 'a.png');
    near(pixels, 0.5, image, [250, 0, 0]);
    near(pixels, 0.5, background, [255, 255, 255], 0);
  });

  it('contain does not enlarge a small image by default', async () => {
    const bytes = await draw(plain(20, 20, [0, 0, 250]))
      .png()
      .toBuffer();
    const decoded = await made(bytes, {
      small: { ...box, fit: 'contain' },
      large: { ...box, fit: 'contain', enlarge: true },
    });
    near(await pixelsOf(decoded, 'small.png'), 0.3, 0.3, [255, 255, 255], 0);
    near(await pixelsOf(decoded, 'small.png'), 0.5, 0.5, [0, 0, 250]);
    near(await pixelsOf(decoded, 'large.png'), 0.02, 0.02, [0, 0, 250]);
  });

  it('contain with a transparent background is transparent, and white on JPEG', async () => {
    const bytes = await draw(plain(200, 50, [250, 0, 0]))
      .png()
      .toBuffer();
    const decoded = await made(bytes, {
      a: {
        width: 100,
        height: 100,
        fit: 'contain',
        background: 'transparent',
        formats: ['png', 'webp', 'jpeg'],
      },
    });
    for (const format of ['png', 'webp']) {
      const pixels = await pixelsOf(decoded, `a.${format}`);
      expect(pixels.channels).toBe(4);
      expect(colourAt(pixels, 0.5, 0.1)[3]).toBe(0);
      expect(colourAt(pixels, 0.5, 0.5)[3]).toBe(255);
    }
    near(await pixelsOf(decoded, 'a.jpeg'), 0.5, 0.1, [255, 255, 255], 2);
  });
});

describe('enlarging', () => {
  it('an image is enlarged only if the preset allows it', async () => {
    const bytes = await draw(quartered(60, 40)).png().toBuffer();
    const { variants } = await made(bytes, {
      no: { width: 120, height: 120, formats: ['png'] },
      yes: { width: 120, height: 120, enlarge: true, formats: ['png'] },
      fill: { width: 90, height: 200, fit: 'fill', enlarge: true, formats: ['png'] },
    });
    expect(variants.map(({ preset, width, height }) => `${preset} ${width}x${height}`)).toEqual([
      'no 60x40',
      'yes 120x80',
      'fill 90x200',
    ]);
  });
});

describe('cover that enlarges', () => {
  /** Soft patches, so that a shift by one pixel is visible. */
  const patches = async () => draw(noise(90, 60)).blur(2).png().toBuffer();

  it.each(gravities)('cover that enlarges shows the %s of the enlarged image', async (gravity) => {
    const image = await patches();
    for (const [width, height, whole] of [
      [200, 300, { width: 450, height: 300 }],
      [301, 97, { width: 301, height: 201 }],
    ] as const) {
      const preset = {
        width,
        height,
        fit: 'cover' as const,
        enlarge: true,
        gravity,
        formats: ['png' as const],
      };
      const seen = await pixelsOf(await made(image, { a: preset }), 'a.png');
      const room = { left: whole.width - width, top: whole.height - height };
      const at = (length: number, before: string, after: string) =>
        gravity.endsWith(before) || gravity.startsWith(before)
          ? 0
          : gravity.endsWith(after) || gravity.startsWith(after)
            ? length
            : Math.floor(length / 2);
      const corner = { left: at(room.left, 'west', 'east'), top: at(room.top, 'north', 'south') };
      const enlarged = await draw(await pixelsIn(image))
        .resize({ ...whole, fit: 'fill' })
        .png()
        .toBuffer();
      const expected = await pixelsIn(
        await draw(await pixelsIn(enlarged))
          .extract({ ...corner, width, height })
          .png()
          .toBuffer(),
      );
      expect([seen.width, seen.height]).toEqual([width, height]);
      let sum = 0;
      for (const [index, value] of seen.data.entries()) sum += Math.abs(value - (expected.data[index] ?? 0));
      expect(sum / seen.data.length).toBeLessThan(1.5);
    }
  });

  it('cover that enlarges keeps the content, wherever it is', async () => {
    for (const left of [5, 65]) {
      const scene = plain(100, 25, [128, 128, 128]);
      for (let y = 2; y < 23; y++)
        for (let x = left; x < left + 25; x++)
          scene.data.set([230, (x * 37 + y * 11) % 90, (x * y) % 60], (y * 100 + x) * 3);
      const preset = { ...box, fit: 'cover' as const, gravity: 'attention' as const, enlarge: true };
      const crop = await pixelsOf(await made(await draw(scene).png().toBuffer(), { a: preset }), 'a.png');
      let red = 0;
      for (let at = 0; at < crop.data.length; at += crop.channels) if ((crop.data[at] ?? 0) > 190) red++;
      expect(red).toBeGreaterThan(6_000);
    }
  });
});

describe('a very long image', () => {
  it('a very long image is not enlarged excessively to cover a box', async () => {
    const bytes = await draw(plain(1, 16_000, [1, 2, 3]))
      .png()
      .toBuffer();
    const cover = { width: 200, height: 200, fit: 'cover' as const, formats: ['webp' as const] };
    const { variants } = await made(bytes, {
      wide: { ...cover, enlarge: true },
      whole: { ...cover, width: 2000, height: 2000, enlarge: true, gravity: 'attention' },
      small: cover,
    });
    expect(variants.map(({ width, height }) => [width, height])).toEqual([
      [200, 200],
      [2000, 2000],
      [1, 1],
    ]);
    near(await pixelsIn(variants[0]?.bytes as Buffer), 0.5, 0.5, [1, 2, 3]);
  });

  it('a very long image becomes a WebP of the maximum length', async () => {
    const bytes = await draw(plain(1, 16_384, [1, 2, 3]))
      .png()
      .toBuffer();
    const { variants } = await made(bytes, { thin: { width: 320, formats: ['webp'] } });
    expect(variants).toMatchObject([{ width: 1, height: 16_383 }]);
  });
});

describe('sharpening', () => {
  it('sharpening steepens an edge and leaves a plain area unchanged', async () => {
    const scene = plain(400, 100, [100, 100, 100]);
    for (let y = 0; y < 100; y++)
      for (let x = 200; x < 400; x++) scene.data.set([160, 160, 160], (y * 400 + x) * 3);
    const decoded = await made(await draw(scene).png().toBuffer(), {
      soft: { width: 200, formats: ['png'] },
      sharp: { width: 200, sharpen: 1.2, formats: ['png'] },
    });
    const contrast = (pixels: Pixels) => {
      const row = Array.from(
        { length: 20 },
        (_, x) => pixels.data[(20 * 200 + 90 + x) * pixels.channels] ?? 0,
      );
      return Math.max(...row) - Math.min(...row);
    };
    const [soft, sharp] = [await pixelsOf(decoded, 'soft.png'), await pixelsOf(decoded, 'sharp.png')];
    expect(contrast(sharp)).toBeGreaterThan(contrast(soft) + 5);
    near(sharp, 0.1, 0.5, [100, 100, 100], 1);
    near(sharp, 0.9, 0.5, [160, 160, 160], 1);
  });
});
