import { describe, expect, it } from 'vitest';
import { gravities } from '../../../../lambda/domain/gravity.ts';
import type { ImageWatermark, TextWatermark } from '../../../../lambda/domain/watermark.ts';
import { MarkCache } from '../../../../lambda/imaging/watermark/cache.ts';
import { watermarkOf } from '../../../support/recipes.ts';
import { colourAt, draw, plain } from '../fixtures.ts';
import { acme, boxOf, ground, markerOf } from './marker.ts';

/** 50 × 50 pixels of red. */
const logo = {
  'logo.png': await draw(plain(50, 50, [255, 0, 0, 255]))
    .png()
    .toBuffer(),
};
const image = (extra: Partial<ImageWatermark> = {}) =>
  watermarkOf({ type: 'image', path: 'logo.png', scale: 0.1, margin: 0.05, opacity: 0.5, ...extra });
const text = (extra: Partial<TextWatermark> = {}) => watermarkOf({ type: 'text', text: 'Sluice', ...extra });
const grey = [100, 100, 100];

describe('a watermark on a variant', () => {
  it('a watermark is blended exactly, at its margin, without changing its input', async () => {
    const below = ground(400, 200, grey);
    const marked = await markerOf({ logo: image() }, logo).over(below, ['logo'], acme);
    // 40 × 40 pixels, 10 from the edges (a twentieth of the shorter side), half opaque.
    expect(boxOf(marked, below)).toEqual({ left: 350, top: 150, right: 389, bottom: 189 });
    expect(colourAt(marked, 370.5 / 400, 170.5 / 200)).toEqual([178, 50, 50]);
    expect(below.data.equals(plain(400, 200, grey).data)).toBe(true);
  });

  it.each(gravities)('a watermark is placed %s', async (gravity) => {
    const below = ground(400, 200, grey);
    const { left, top } = boxOf(
      await markerOf({ a: image({ gravity }) }, logo).over(below, ['a'], acme),
      below,
    );
    const x = gravity.includes('west') ? 10 : gravity.includes('east') ? 350 : 180;
    const y = gravity.includes('north') ? 10 : gravity.includes('south') ? 150 : 80;
    expect({ left, top }).toEqual({ left: x, top: y });
  });

  it('tiles cover every part with nothing but copies of the watermark', async () => {
    const below = ground(400, 300, grey);
    const marked = await markerOf({ a: image({ tile: true, opacity: 1 }) }, logo).over(below, ['a'], acme);
    const red = (left: number, top: number) => {
      let count = 0;
      for (let y = top; y < top + 60; y++)
        for (let x = left; x < left + 60; x++) if (marked.data[(y * 400 + x) * 3] === 255) count++;
      return count / 3600;
    };
    // 40 pixels of mark and a gap of 20 in both directions: 4 / 9 of every square of 60 pixels.
    for (const left of [0, 60, 120, 180, 240, 300, 340])
      for (const top of [0, 60, 120, 180, 240]) expect(red(left, top)).toBeCloseTo(4 / 9, 2);
  });

  it('two watermarks are drawn in the order of the preset', async () => {
    const below = ground(100, 100, grey);
    const over = { scale: 0.5, margin: 0, opacity: 1, gravity: 'center' } as const;
    const marks = { red: image(over), text: text({ ...over, text: 'I', edge: 'none', color: '#0000ff' }) };
    const marker = markerOf(marks, logo);
    expect(colourAt(await marker.over(below, ['red', 'text'], acme), 0.5, 0.5)).toEqual([0, 0, 255]);
    expect(colourAt(await marker.over(below, ['text', 'red'], acme), 0.5, 0.5)).toEqual([255, 0, 0]);
  });

  it('a watermark is reduced to fit a low variant', async () => {
    const below = ground(400, 20, grey);
    const marked = await markerOf({ logo: image({ scale: 0.5 }) }, logo).over(below, ['logo'], acme);
    const { top, bottom, left, right } = boxOf(marked, below);
    expect({ height: bottom - top + 1, width: right - left + 1 }).toEqual({ height: 18, width: 18 });
  });

  it('small variants have no watermark and are returned unchanged', async () => {
    const marker = markerOf({ a: image({ minWidth: 200 }), b: text() }, logo);
    const [narrow, wide] = [ground(199, 100, grey), ground(200, 100, grey)];
    expect(await marker.over(narrow, ['a'], acme)).toBe(narrow);
    expect(await marker.over(wide, ['a'], acme)).not.toBe(wide);
    expect(await marker.over(narrow, [], acme)).toBe(narrow);
  });

  it('a missing watermark is our fault', async () => {
    await expect(markerOf({}).over(ground(9, 9, grey), ['a'], acme)).rejects.toThrow(
      'no watermark is named "a"',
    );
  });
});

describe('drawing a watermark', () => {
  it('a watermark is drawn once for similar widths and for all frames of one width', async () => {
    const marker = markerOf({ a: text({ scale: 0.5 }) });
    const frame = ground(1000, 500, grey);
    const first = await marker.over(frame, ['a'], acme);
    for (let again = 0; again < 3; again++)
      expect((await marker.over(frame, ['a'], acme)).data.equals(first.data)).toBe(true);
    for (const width of [600, 777, 1024]) await marker.over(ground(width, 500, grey), ['a'], acme);
    expect(marker.draws).toBe(1);
    await marker.over(ground(1100, 500, grey), ['a'], acme);
    expect(marker.draws).toBe(2);
  });

  it('a tiled and turned watermark is drawn once, however many copies there are', async () => {
    const marker = markerOf({ a: text({ scale: 0.05, tile: true, rotation: 30, spacing: 0.1 }) });
    await marker.over(ground(1000, 800, grey), ['a'], acme);
    expect(marker.draws).toBe(1);
  });

  it('a drawing does not depend on earlier ones', async () => {
    for (const mark of [text({ scale: 0.3 }), image({ scale: 0.3, rotation: 20 })]) {
      const fresh = await markerOf({ a: mark }, logo).over(ground(500, 300, grey), ['a'], acme);
      const used = markerOf({ a: mark }, logo);
      for (const width of [1600, 501, 100, 499]) await used.over(ground(width, 300, grey), ['a'], acme);
      expect((await used.over(ground(500, 300, grey), ['a'], acme)).data.equals(fresh.data)).toBe(true);
    }
  });

  it('a watermark is drawn for each inscription: no tenant gets another’s', async () => {
    const marker = markerOf({ a: text({ text: '{tenant} {year}' }) });
    const below = ground(300, 200, grey);
    const orders = [acme, { tenant: 'umbra', year: 2026 }, { tenant: 'acme', year: 2025 }, acme];
    const drawn = [];
    for (const order of orders) drawn.push((await marker.over(below, ['a'], order)).data.toString('latin1'));
    expect(new Set(drawn).size).toBe(3);
    expect(drawn[3]).toBe(drawn[0]);
    expect(marker.draws).toBe(3);
    const written = await markerOf({ a: text({ text: 'umbra 2026' }) }).over(below, ['a'], acme);
    expect(written.data.toString('latin1')).toBe(drawn[1]);
  });

  it('a text without placeholders is drawn once for all tenants', async () => {
    const marker = markerOf({ a: text() });
    for (const tenant of ['acme', 'umbra'])
      await marker.over(ground(300, 200, grey), ['a'], { tenant, year: 1 });
    expect(marker.draws).toBe(1);
  });
});

describe('the cache of drawn watermarks', () => {
  const cacheOf = () => {
    const cache = new MarkCache<string>(16);
    return {
      cache,
      cached: (keys: string) => [...keys].filter((key) => cache.get(key) !== undefined).join(''),
    };
  };

  it('the cache keeps the last used that fit, and the newest however large', () => {
    const { cache, cached } = cacheOf();
    cache.add('a', 'A', 6);
    cache.add('b', 'B', 6);
    expect(cache.get('a')).toBe('A');
    cache.add('c', 'C', 6);
    expect(cached('abc')).toBe('ac');
    cache.add('d', 'D', 20);
    expect(cached('acd')).toBe('d');
    cache.add('e', 'E', 1);
    expect(cached('de')).toBe('e');
  });

  it('a watermark that is added twice counts once', () => {
    const { cache, cached } = cacheOf();
    cache.add('a', 'A', 6);
    for (let again = 0; again < 9; again++) cache.add('b', 'B', 6);
    expect(cached('ab')).toBe('ab');
  });
});
