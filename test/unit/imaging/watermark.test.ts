import { afterAll, describe, expect, it } from 'vitest';
import { gravities, type ImageWatermark, type Watermark } from '../../../lambda/domain/preset.ts';
import type { Raster } from '../../../lambda/imaging/raster.ts';
import { Watermarks } from '../../../lambda/imaging/watermark.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import { decoderFolder, defaultConfig, openLane, variantOf } from './decoder-folder.ts';
import { colourAt, draw, noise, type Pixels, pixelsIn, plain } from './fixtures.ts';

const lanes = {
  marked: openLane(defaultConfig),
  bare: openLane({ presets: { large: { width: 1600 }, medium: { width: 800 }, small: { width: 320 } } }),
};
const opened = Object.values(lanes);
afterAll(() => {
  for (const { close } of opened) close();
});

/** Share of the pixels, within a part of the picture, in which two pictures differ by more than codecs do. */
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

describe('the watermark out of the box', () => {
  it.each(['webp', 'jpeg'])('is on large and medium and not on small (%s)', async (format) => {
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
  });

  it.each([
    ['white', 255],
    ['black', 0],
    ['grey', 128],
  ])('can be told from a %s ground', async (_, grey) => {
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

  it('is left out where it would be a smudge', async () => {
    const file = await draw(noise(16, 12)).png().toBuffer();
    const [marked, bare] = [await lanes.marked.decode(file), await lanes.bare.decode(file)];
    expect(marked.variants.map(({ sha256 }) => sha256)).toEqual(bare.variants.map(({ sha256 }) => sha256));
  });
});

describe('a text watermark', () => {
  const withText = (text: string, extra: Partial<Watermark> = {}): SluiceConfig => ({
    presets: { large: { width: 800, watermarks: ['brand'], formats: ['jpeg'] } },
    watermarks: { brand: { type: 'text', text, scale: 0.5, opacity: 1, ...extra } as never },
  });
  const ground = () =>
    draw(plain(800, 600, [90, 90, 90]))
      .png()
      .toBuffer();
  async function drawn(config: SluiceConfig): Promise<Pixels> {
    const lane = openLane(config);
    try {
      return await pixelsIn(variantOf(await lane.decode(await ground()), 'large.jpeg').bytes);
    } finally {
      lane.close();
    }
  }

  it('is text, never markup', async () => {
    const bare = await pixelsIn(await ground());
    for (const text of ['<b>&amp;', '</span>', 'a & b < c', '© Zoë Ünal 2026', 'Привет']) {
      const pixels = await drawn(withText(text));
      expect(changed(pixels, { ...bare }, { x: [0.4, 1], y: [0.4, 1] }), text).toBeGreaterThan(0.01);
    }
  });

  it('has the colour, the size and the place that were asked for', async () => {
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
    // Half of 800 less the room for the shadow.
    expect(right - left).toBeGreaterThan(330);
    expect(right - left).toBeLessThanOrEqual(400);
    expect(Math.abs((left + right) / 2 - 400)).toBeLessThan(8);
    expect(Math.abs((top + bottom) / 2 - 300)).toBeLessThan(20);
  });

  it('is fainter with less opacity', async () => {
    const brightest = (pixels: Pixels) => pixels.data.reduce((most, value) => Math.max(most, value), 0);
    expect(brightest(await drawn(withText('MMMM')))).toBeGreaterThan(240);
    expect(brightest(await drawn(withText('MMMM', { opacity: 0.3 })))).toBeLessThan(160);
  });
});

describe('an image watermark', () => {
  const mark: ImageWatermark = {
    type: 'image',
    path: 'assets/logo.png',
    gravity: 'southeast',
    scale: 0.1,
    margin: 0.05,
    opacity: 0.5,
    tile: false,
  };
  const raster = (width: number, height: number, colour: number[]): Raster => {
    const { data } = plain(width, height, colour);
    return { data, width, height, channels: colour.length as 3 | 4 };
  };
  async function folder(marks: Record<string, Partial<ImageWatermark>>) {
    const logo = await draw(plain(50, 50, [255, 0, 0, 255]))
      .png()
      .toBuffer();
    const { root, remove } = decoderFolder(defaultConfig, { 'assets/logo.png': logo });
    const all = Object.fromEntries(
      Object.entries(marks).map(([name, extra]) => [name, { ...mark, ...extra }]),
    );
    return { watermarks: new Watermarks(all, root), remove };
  }

  it('is blended to the digit, at its margin, and the variant it was given stays clean', async () => {
    const { watermarks, remove } = await folder({ logo: {} });
    const ground = raster(400, 200, [100, 100, 100]);
    const marked = await watermarks.over(ground, ['logo']);
    // 40 × 40 pixels, 10 from the edges (a twentieth of the shorter side), half of it seen.
    expect(boxOf(marked, ground)).toEqual({ left: 350, top: 150, right: 389, bottom: 189 });
    expect(colourAt(marked, 370.5 / 400, 170.5 / 200)).toEqual([178, 50, 50]);
    expect(ground.data.equals(plain(400, 200, [100, 100, 100]).data)).toBe(true);
    remove();
  });

  it.each(gravities)('sits %s', async (gravity) => {
    const { watermarks, remove } = await folder({ logo: { gravity } });
    const ground = raster(400, 200, [100, 100, 100]);
    const { left, top } = boxOf(await watermarks.over(ground, ['logo']), ground);
    const x = gravity.includes('west') ? 10 : gravity.includes('east') ? 350 : 180;
    const y = gravity.includes('north') ? 10 : gravity.includes('south') ? 150 : 80;
    expect({ left, top }).toEqual({ left: x, top: y });
    remove();
  });

  it('as tiles covers every part', async () => {
    const { watermarks, remove } = await folder({ logo: { tile: true } });
    const ground = raster(400, 300, [100, 100, 100]);
    const marked = await watermarks.over(ground, ['logo']);
    for (const x of [0, 0.25, 0.5, 0.75])
      for (const y of [0, 1 / 3, 2 / 3]) {
        const share = changed(marked, ground, { x: [x, x + 0.25], y: [y, y + 1 / 3] });
        expect(share).toBeGreaterThan(0.15);
        expect(share).toBeLessThan(0.7);
      }
    remove();
  });

  it('two lie over each other in the order of the preset', async () => {
    const { watermarks, remove } = await folder({ a: { opacity: 1 }, b: { gravity: 'northwest' } });
    const ground = raster(400, 200, [100, 100, 100]);
    expect(boxOf(await watermarks.over(ground, ['a', 'b']), ground)).toEqual({
      left: 10,
      top: 10,
      right: 389,
      bottom: 189,
    });
    remove();
  });

  it('fits a variant that is too low for it', async () => {
    const { watermarks, remove } = await folder({ logo: { scale: 0.5 } });
    const ground = raster(400, 20, [100, 100, 100]);
    const { top, bottom, left, right } = boxOf(await watermarks.over(ground, ['logo']), ground);
    expect({ height: bottom - top + 1, width: right - left + 1 }).toEqual({ height: 18, width: 18 });
    remove();
  });

  it('is drawn once a width, and the oldest go when there are too many', async () => {
    const { watermarks, remove } = await folder({ logo: { scale: 1, margin: 0 } });
    const ground = (side: number) => raster(side, side, [9, 9, 9]);
    await watermarks.over(ground(40), ['logo']);
    await watermarks.over(ground(40), ['logo']);
    expect(watermarks.draws).toBe(1);
    // 1300 × 1300 × 4 bytes are 6.8 MB each: the third sends out the first.
    for (const side of [1300, 1301, 1302]) await watermarks.over(ground(side), ['logo']);
    expect(watermarks.draws).toBe(4);
    await watermarks.over(ground(1302), ['logo']);
    expect(watermarks.draws).toBe(4);
    await watermarks.over(ground(40), ['logo']);
    expect(watermarks.draws).toBe(5);
    remove();
  });

  it('that is missing is our fault, not the image’s', async () => {
    const lane = openLane({
      presets: { large: { width: 800, watermarks: ['logo'] } },
      watermarks: { logo: { type: 'image', path: 'assets/missing.png' } },
    });
    const work = lane.decode(await draw(noise(100, 100)).png().toBuffer());
    await expect(work).rejects.toMatchObject({ name: 'TransientFailure', code: 'internal' });
    lane.close();
  });
});

function boxOf(a: Pixels, b: Pixels) {
  const box = { left: a.width, top: a.height, right: -1, bottom: -1 };
  for (let at = 0; at < a.data.length; at++) {
    if (a.data[at] === b.data[at]) continue;
    const x = Math.floor(at / a.channels) % a.width;
    const y = Math.floor(at / a.channels / a.width);
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
  }
  return box;
}
