import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { gravities } from '../../../lambda/domain/gravity.ts';
import { fits } from '../../../lambda/domain/preset.ts';
import { resolveConfig } from '../../../lib/config/resolve.ts';
import { columns, configOf } from '../../../scripts/contact-sheet/columns.ts';
import { develop, type Row } from '../../../scripts/contact-sheet/develop.ts';
import { inputs, refused } from '../../../scripts/contact-sheet/inputs.ts';
import { page } from '../../../scripts/contact-sheet/page.ts';

const named = (name: string) => [...inputs, ...refused].filter((input) => input.name === name);
const rows: Row[] = [];
let html = '';

beforeAll(async () => {
  const some = ['photograph.jpg', 'animated.gif', 'orientation-7.jpg', 'drawing.svg'].flatMap(named);
  const odd = { name: '<b>&"', note: 'a name of its own', bytes: async () => Buffer.from('<svg') };
  for await (const row of develop([...some, odd], columns)) rows.push(row);
  html = page(rows, columns);
});

/** All pictures of the page with their captions, without placeholders. */
function pictures(): { type: string; bytes: Buffer; caption: string }[] {
  const figure =
    /<img src="data:([\w/]+);base64,([^"]+)"[^>]* loading="lazy"><figcaption>(.*?)<\/figcaption>/g;
  return [...html.matchAll(figure)].map(([, type = '', data = '', caption = '']) => ({
    type,
    bytes: Buffer.from(data, 'base64'),
    caption,
  }));
}

describe('the contact sheet', () => {
  it('the contact sheet has every recipe of every accepted input, and the captions match the pictures', async () => {
    const found = pictures();
    expect(found).toHaveLength(3 * columns.length);
    for (const { type, bytes, caption } of found) {
      const { width, height, format, pages = 1, pageHeight } = await sharp(bytes).metadata();
      expect(type).toBe(`image/${format === 'heif' ? 'avif' : format}`);
      expect(caption).toContain(`${width} × ${pageHeight ?? height}`);
      if (pages > 1) expect(caption).toContain(`${pages} fr.`);
    }
    expect(found.filter(({ caption }) => caption.includes('8 fr.')).length).toBeGreaterThan(2);
  });

  it('the contact sheet loads nothing from elsewhere', () => {
    expect(html).not.toMatch(/https?:|<script|<link|url\(|@import/);
    expect([...html.matchAll(/src="([^"]{5})/g)].every(([, start]) => start === 'data:')).toBe(true);
  });

  it('the contact sheet states why an input was refused', () => {
    expect(html).toMatch(/<code>unsupported_type<\/code> The file is SVG\. Accepted are JPEG/);
    expect(html).toContain('3 variants'.replace('3', `${3 * columns.length}`));
    expect(html).toContain('2 inputs refused');
  });

  it('names with HTML characters are shown as text', () => {
    expect(html).toContain('&lt;b&gt;&amp;&quot;');
    expect(html).not.toContain('<b>&"');
  });

  it('the contact sheet covers all fits, gravities, formats and kinds of watermarks', () => {
    const { presets, watermarks } = resolveConfig(configOf(columns));
    const all = Object.values(presets);
    expect(new Set(all.map(({ fit }) => fit))).toEqual(new Set(fits));
    expect(new Set(all.flatMap(({ formats }) => formats))).toEqual(
      new Set(['webp', 'jpeg', 'png', 'avif', 'original']),
    );
    const marks = Object.values(watermarks);
    expect(new Set(marks.map(({ gravity }) => gravity))).toEqual(new Set(gravities));
    expect(new Set(marks.map(({ type }) => type))).toEqual(new Set(['text', 'image']));
    expect(new Set(marks.flatMap((mark) => (mark.type === 'text' ? [mark.edge] : [])))).toEqual(
      new Set(['shadow', 'outline', 'none']),
    );
    expect(marks.some(({ tile, rotation }) => tile && rotation !== 0)).toBe(true);
  });

  it('every orientation becomes upright and looks the same', async () => {
    const [upright, turned] = ['photograph.jpg', 'orientation-7.jpg'].map((name) => {
      const outcome = rows.find(({ input }) => input.name === name)?.outcome;
      if (outcome === undefined || !('decoded' in outcome)) throw new Error(`${name} was refused`);
      return outcome.decoded.variants[0]?.bytes as Buffer;
    });
    const [a, b] = await Promise.all(
      [upright, turned].map((bytes) => sharp(bytes).removeAlpha().raw().toBuffer()),
    );
    const difference = (a as Buffer).reduce(
      (sum, value, at) => sum + Math.abs(value - ((b as Buffer)[at] as number)),
      0,
    );
    expect(difference / (a as Buffer).length).toBeLessThan(4);
  });
});
