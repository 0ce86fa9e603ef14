import { describe, expect, it } from 'vitest';
import type { TextWatermark } from '../../../../lambda/domain/watermark.ts';
import type { Raster } from '../../../../lambda/imaging/raster.ts';
import { inscribe } from '../../../../lambda/imaging/watermark/letters.ts';
import { widen } from '../../../../lambda/imaging/watermark/outline.ts';
import { watermarkOf } from '../../../support/recipes.ts';
import { noise, type Pixels, plain } from '../fixtures.ts';
import { acme, boxOf, ground, markerOf, rasterOf } from './marker.ts';

const textMark = (extra: Partial<TextWatermark> = {}): TextWatermark => {
  const whole = { gravity: 'center', scale: 1, margin: 0, opacity: 1, edge: 'none' } as const;
  const mark = watermarkOf({ type: 'text', text: 'Sluice', ...whole, ...extra });
  if (mark.type !== 'text') throw new Error('not a text');
  return mark;
};
const written = (extra: Partial<TextWatermark>, below: Raster = ground(300, 200, [0, 0, 0])) =>
  markerOf({ mark: textMark(extra) }).over(below, ['mark'], acme);

/** The brightest value of each row, which shows where lines of text are. */
function rowsOf({ data, width, height, channels }: Pixels): number[] {
  return Array.from({ length: height }, (_, y) => {
    const row = data.subarray(y * width * channels, (y + 1) * width * channels);
    return row.reduce((most, value) => Math.max(most, value), 0);
  });
}

/** The lines of text from the top: first and last row, and first and last column with ink. */
function linesOf(picture: Pixels) {
  const rows = rowsOf(picture).map((value) => value > 100);
  const starts = rows.flatMap((ink, y) => (ink && !rows[y - 1] ? [y] : []));
  return starts.map((top) => {
    let bottom = top;
    while (rows[bottom + 1]) bottom++;
    const columns = Array.from({ length: picture.width }, (_, x) => x).filter((x) => {
      for (let y = top; y <= bottom; y++)
        if ((picture.data[(y * picture.width + x) * picture.channels] as number) > 100) return true;
      return false;
    });
    return { top, bottom, left: columns[0] as number, right: columns.at(-1) as number };
  });
}

describe('the text of a watermark', () => {
  it('every placeholder is replaced by the tenant and the year', () => {
    const mark = textMark({ text: '© {tenant} {year}, {tenant}' });
    expect(inscribe(mark, acme)).toBe('© acme 2026, acme');
    expect(inscribe(textMark({ text: '{year}{tenant}' }), { tenant: 'year', year: 1999 })).toBe('1999year');
  });

  it('blank lines around a text are dropped, whatever its line ends', () => {
    expect(inscribe(textMark({ text: '\r\n a\r\nb \n\n' }), acme)).toBe('a\nb');
  });

  it('a text is never interpreted as markup', async () => {
    for (const text of ['<b>', '</span>', '&', '&#65;', '<!--', '<span size="1">'])
      expect(linesOf(await written({ text })), text).toHaveLength(1);
    const [first] = linesOf(await written({ text: 'a<b>&amp;</b>a' }));
    const [second] = linesOf(await written({ text: 'a&a' }));
    // Fourteen characters share the width of three.
    expect((first?.bottom ?? 0) - (first?.top ?? 0)).toBeLessThan(
      ((second?.bottom ?? 0) - (second?.top ?? 0)) / 2,
    );
  });
});

describe('texts of any length', () => {
  it.each([
    ['200 of the widest letters', 'W'.repeat(200), 1],
    ['a hundred lines', 'a\n'.repeat(100), 100],
    ['two lines far from each other', `a${'\n'.repeat(98)}a`, 2],
    ['two lines so far from each other that they are 3 pixels wide', `a${'\n'.repeat(198)}a`, 0],
    ['one letter', 'I', 1],
    ['one dot', '.', 1],
  ])('a text is drawn: %s', async (_, text, lines) => {
    const marked = await written({ text }, ground(1600, 1200, [0, 0, 0]));
    expect(linesOf(marked)).toHaveLength(lines);
  });

  it('the longest tenant name fits, more than once', async () => {
    const marker = markerOf({ mark: textMark({ text: '{tenant} '.repeat(4) }) });
    const below = ground(1600, 200, [0, 0, 0]);
    const { left, right } = boxOf(
      await marker.over(below, ['mark'], { tenant: 'w'.repeat(63), year: 2026 }),
      below,
    );
    expect(right - left).toBeGreaterThan(1500);
  });
});

describe('lines', () => {
  const text = 'a long first line\nshort\nlonger again';

  it('lines are evenly spaced below each other', async () => {
    const lines = linesOf(await written({ text: 'HHHH\nHHHH\nHHHH', scale: 0.5 }));
    expect(lines).toHaveLength(3);
    const [a, b, c] = lines.map(({ top }) => top) as [number, number, number];
    expect(Math.abs(b - a - (c - b))).toBeLessThanOrEqual(1);
  });

  it.each([
    ['west', 'left'],
    ['northwest', 'left'],
    ['southwest', 'left'],
    ['east', 'right'],
    ['northeast', 'right'],
    ['southeast', 'right'],
    ['center', 'middle'],
    ['north', 'middle'],
    ['south', 'middle'],
  ] as const)('lines of a watermark at %s are aligned to the %s', async (gravity, side) => {
    const lines = linesOf(await written({ text, gravity, scale: 0.6 }));
    expect(lines).toHaveLength(3);
    const at = lines.map(({ left, right }) => ({ left, right, middle: (left + right) / 2 })[side]);
    expect(Math.max(...at) - Math.min(...at)).toBeLessThanOrEqual(2.5);
    const others = lines.map(({ left, right }) => (side === 'left' ? right : left));
    expect(Math.max(...others) - Math.min(...others)).toBeGreaterThan(20);
  });

  it('lines of tiles are centred, whatever the gravity', async () => {
    const tiles = { text, tile: true, scale: 0.6, spacing: 10 };
    const [east, west] = [
      await written({ ...tiles, gravity: 'east' }),
      await written({ ...tiles, gravity: 'west' }),
    ];
    expect(east.data.equals(west.data)).toBe(true);
  });
});

describe('letters', () => {
  it('letters have exactly the requested colour and width', async () => {
    for (const scale of [0.2, 0.5, 0.77, 1]) {
      const below = ground(300, 200, [0, 0, 0]);
      const marked = await written({ text: 'MHM', scale, color: '#ff8000' }, below);
      const { left, right } = boxOf(marked, below);
      expect(Math.abs(right - left + 1 - 300 * scale), `${scale}`).toBeLessThanOrEqual(2);
      const solid = [];
      for (let at = 0; at < marked.data.length; at += 3)
        if (marked.data[at] === 255) solid.push(`${marked.data[at + 1]} ${marked.data[at + 2]}`);
      expect(new Set(solid)).toEqual(new Set(['128 0']));
    }
  });

  it('letters with a shadow or an outline have the same width, less the space for the edge', async () => {
    for (const edge of ['shadow', 'outline'] as const) {
      const below = ground(400, 200, [128, 128, 128]);
      const { left, right } = boxOf(await written({ edge, scale: 0.8 }, below), below);
      expect(right - left + 1, edge).toBeLessThanOrEqual(320);
      expect(right - left + 1, edge).toBeGreaterThan(300);
    }
  });
});

/** Contrast of letters: the mean step in tone from solid letter to the lowest tone within `reach` pixels. */
function contrastOf(marked: Pixels, letter: number, reach: number, included: (x: number) => boolean): number {
  const { data, width, height, channels } = marked;
  let [sum, count] = [0, 0];
  const tone = (x: number, y: number) => data[(y * width + x) * channels] as number;
  for (let y = reach; y < height - reach; y++)
    for (let x = reach; x < width - reach; x++) {
      if (tone(x, y) !== letter || !included(x)) continue;
      let most = 0;
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++)
          most = Math.max(most, Math.abs(tone(x + dx, y + dy) - letter));
      sum += most;
      count++;
    }
  return sum / count;
}

describe('the edge of letters', () => {
  const grounds = (): [string, Raster][] => [
    ['white', ground(320, 100, [254, 254, 254])],
    ['black', ground(320, 100, [1, 1, 1])],
    ['grey', ground(320, 100, [128, 128, 128])],
    [
      'noise',
      rasterOf({ ...noise(320, 100), data: noise(320, 100).data.map((v) => 1 + (v % 254)) as Buffer }),
    ],
  ];

  it.each([
    ['shadow', '#ffffff', 100],
    ['shadow', '#000000', 100],
    ['outline', '#ffffff', 200],
    ['outline', '#000000', 200],
  ] as const)('a %s makes letters of %s visible on any background', async (edge, color, least) => {
    for (const [name, below] of grounds()) {
      const marked = await written({ text: 'MHM', edge, color }, rasterOf(below));
      const { left, right } = boxOf(marked, below);
      const inside = (x: number) => x > left && x < right;
      expect(contrastOf(marked, color === '#ffffff' ? 255 : 0, 12, inside), name).toBeGreaterThan(least);
    }
  });

  it('white letters without an edge are invisible on white', async () => {
    const white = ground(300, 200, [255, 255, 255]);
    expect((await written({ edge: 'none' }, white)).data.equals(white.data)).toBe(true);
  });

  it.each(['shadow', 'outline'] as const)('a %s has the opposite lightness of the letters', async (edge) => {
    const middle = ground(300, 200, [128, 128, 128]);
    const extremes = async (color: string) => {
      const { data } = await written({ edge, color }, middle);
      return [data.reduce((a, b) => Math.min(a, b)), data.reduce((a, b) => Math.max(a, b))];
    };
    // Yellow is bright and gets a dark edge, blue is dark and gets a bright one.
    const [yellow, blue] = [await extremes('#ffff80'), await extremes('#202080')];
    expect(yellow[0]).toBeLessThan(60);
    expect(blue[1]).toBeGreaterThan(195);
  });
});

describe('an outline', () => {
  it('an outline is round: it extends equally in every direction', () => {
    const point = { data: Buffer.alloc(61 * 61), width: 61, height: 61 };
    point.data[30 * 61 + 30] = 255;
    const { data } = widen(point, 20);
    for (let y = 0; y < 61; y++)
      for (let x = 0; x < 61; x++) {
        const expected = Math.min(1, Math.max(0, 20.5 - Math.hypot(x - 30, y - 30)));
        expect(Math.abs((data[y * 61 + x] as number) - expected * 255), `${x} ${y}`).toBeLessThanOrEqual(1);
      }
  });

  it('the outline of nothing is nothing, and that of everything is everything', () => {
    const [empty, full] = [plain(9, 7, [0]), plain(9, 7, [255])];
    expect(widen(empty, 3).data.equals(empty.data)).toBe(true);
    expect(widen(full, 3).data.equals(full.data)).toBe(true);
  });

  it('an outline is the distance to the nearest of many points', () => {
    const { data: random } = noise(31, 23);
    const mask = {
      data: Buffer.from(random.subarray(0, 31 * 23)).map((v) => (v > 245 ? 255 : 0)) as Buffer,
      width: 31,
      height: 23,
    };
    const points = [...mask.data].flatMap((v, at) =>
      v === 255 ? [[at % 31, Math.floor(at / 31)] as const] : [],
    );
    expect(points.length).toBeGreaterThan(5);
    const { data } = widen(mask, 4);
    for (let at = 0; at < data.length; at++) {
      const nearest = Math.min(...points.map(([x, y]) => Math.hypot(x - (at % 31), y - Math.floor(at / 31))));
      expect(
        Math.abs((data[at] as number) - 255 * Math.min(1, Math.max(0, 4.5 - nearest))),
      ).toBeLessThanOrEqual(1);
    }
  });
});
