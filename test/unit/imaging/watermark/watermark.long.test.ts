import { afterAll, describe, expect, it } from 'vitest';
import type { Watermark } from '../../../../lambda/domain/watermark.ts';
import type { SluiceConfig } from '../../../../lib/config/schema.ts';
import { withPlainFormats } from '../../../support/plain-formats.ts';
import { colourAt, draw, noise, type Pixels, pixelsIn, plain } from '../fixtures.ts';
import { defaultConfig, openLane, variantOf } from '../sandbox-folder.ts';

const lanes = {
  marked: openLane(defaultConfig),
  bare: openLane({
    presets: withPlainFormats({ large: { width: 1600 }, medium: { width: 800 }, small: { width: 320 } }),
  }),
};
const opened = Object.values(lanes);
afterAll(() => {
  for (const { close } of opened) close();
});

/** Share of the pixels in a part of the picture that differ by more than codecs cause. */
function changed(
  a: Pixels,
  b: Pixels,
  part = { x: [0, 1], y: [0, 1] } as Record<'x' | 'y', number[]>,
): number {
  const [left = 0, right = 1] = part.x.map((share) => Math.round(share * a.width));
  const [top = 0, bottom = 1] = part.y.map((share) => Math.round(share * a.height));
  let count = 0;
  for (let y = top; y < bottom; y++)
    for (let x = left; x < right; x++) {
      const at = (y * a.width + x) * a.channels;
      if (Math.abs((a.data[at] ?? 0) - (b.data[at] ?? 0)) > 24) count++;
    }
  return count / ((right - left) * (bottom - top));
}

describe('the default watermark', () => {
  it.each(['webp', 'jpeg'])(
    'the default watermark is on large and medium and not on small (%s)',
    async (format) => {
      const file = await draw(plain(2000, 1500, [90, 110, 120]))
        .jpeg()
        .toBuffer();
      const [marked, bare] = [await lanes.marked.decode(file), await lanes.bare.decode(file)];
      for (const name of [`large.${format}`, `medium.${format}`]) {
        const [a, b] = [
          await pixelsIn(variantOf(marked, name).bytes),
          await pixelsIn(variantOf(bare, name).bytes),
        ];
        expect(changed(a, b, { x: [0.77, 1], y: [0.9, 1] }), name).toBeGreaterThan(0.08);
        expect(changed(a, b, { x: [0, 0.75], y: [0, 1] }), name).toBe(0);
        expect(changed(a, b, { x: [0, 1], y: [0, 0.85] }), name).toBe(0);
      }
      const small = `small.${format}`;
      expect(variantOf(marked, small).sha256).toBe(variantOf(bare, small).sha256);
    },
  );

  it.each([
    ['white', 255],
    ['black', 0],
    ['grey', 128],
  ])('the default watermark is visible on a %s background', async (_, grey) => {
    const file = await draw(plain(1600, 1200, [grey, grey, grey]))
      .png()
      .toBuffer();
    const [marked, bare] = [await lanes.marked.decode(file), await lanes.bare.decode(file)];
    for (const name of ['large.jpeg', 'medium.jpeg']) {
      const [a, b] = [
        await pixelsIn(variantOf(marked, name).bytes),
        await pixelsIn(variantOf(bare, name).bytes),
      ];
      expect(changed(a, b, { x: [0.77, 1], y: [0.9, 1] }), name).toBeGreaterThan(0.08);
    }
  });

  it('the default watermark is left out where it would be illegible', async () => {
    const file = await draw(noise(16, 12)).png().toBuffer();
    const [marked, bare] = [await lanes.marked.decode(file), await lanes.bare.decode(file)];
    expect(marked.variants.map(({ sha256 }) => sha256)).toEqual(bare.variants.map(({ sha256 }) => sha256));
  });
});

describe('a text watermark', () => {
  const withText = (text: string, extra: Partial<Watermark> = {}): SluiceConfig => ({
    presets: { large: { width: 800, watermarks: ['brand'], formats: ['png'] } },
    watermarks: { brand: { type: 'text', text, scale: 0.5, opacity: 1, ...extra } as never },
  });
  const ground = () =>
    draw(plain(800, 600, [90, 90, 90]))
      .png()
      .toBuffer();
  async function drawn(config: SluiceConfig): Promise<Pixels> {
    const lane = openLane(config);
    try {
      return await pixelsIn(variantOf(await lane.decode(await ground()), 'large.png').bytes);
    } finally {
      lane.close();
    }
  }

  it('a text watermark is never interpreted as markup', async () => {
    const bare = await pixelsIn(await ground());
    for (const text of ['<b>&amp;', '</span>', 'a & b < c', '© Zoë Ünal 2026', 'Привет']) {
      const pixels = await drawn(withText(text));
      expect(changed(pixels, { ...bare }, { x: [0.4, 1], y: [0.4, 1] }), text).toBeGreaterThan(0.01);
    }
  });

  it('a text watermark has the requested colour, size and place', async () => {
    const pixels = await drawn(withText('MMMM', { gravity: 'center', color: '#ff0000' } as never));
    let [left, right, top, bottom] = [800, 0, 600, 0];
    for (let y = 0; y < 600; y++)
      for (let x = 0; x < 800; x++) {
        const [red = 0, green = 0] = colourAt(pixels, (x + 0.5) / 800, (y + 0.5) / 600);
        if (red < 200 || green > 90) continue;
        [left, right, top, bottom] = [
          Math.min(left, x),
          Math.max(right, x),
          Math.min(top, y),
          Math.max(bottom, y),
        ];
      }
    // Half of 800, minus the space for the shadow.
    expect(right - left).toBeGreaterThan(330);
    expect(right - left).toBeLessThanOrEqual(400);
    expect(Math.abs((left + right) / 2 - 400)).toBeLessThan(8);
    expect(Math.abs((top + bottom) / 2 - 300)).toBeLessThan(20);
  });

  it('a text watermark is fainter with less opacity', async () => {
    const brightest = (pixels: Pixels) => pixels.data.reduce((most, value) => Math.max(most, value), 0);
    expect(brightest(await drawn(withText('MMMM')))).toBeGreaterThan(240);
    expect(brightest(await drawn(withText('MMMM', { opacity: 0.3 })))).toBeLessThan(145);
  });
});

describe('an image watermark', () => {
  it('a missing image watermark is our fault, not the image’s', async () => {
    const lane = openLane({
      presets: { large: { width: 800, watermarks: ['logo'] } },
      watermarks: { logo: { type: 'image', path: 'assets/missing.png' } },
    });
    const work = lane.decode(await draw(noise(100, 100)).png().toBuffer());
    await expect(work).rejects.toMatchObject({ name: 'TransientFailure', code: 'decoder_lost' });
    lane.close();
  });
});
