import { parseXml, type XmlElement } from '@rgrove/parse-xml';
import { describe, expect, it } from 'vitest';
import { timeAxis, timeStep, valueAxis } from '../../../lib/chart/axes.ts';
import { chart } from '../../../lib/chart/chart.ts';
import { clock, compact, grouped } from '../../../lib/chart/formats.ts';
import { legend, limitLine } from '../../../lib/chart/marks.ts';
import { styleSheet } from '../../../lib/chart/palette.ts';
import { fromZero, plotIn } from '../../../lib/chart/plot.ts';
import { areaOf, barsOf, lineOf, stackOf } from '../../../lib/chart/series.ts';
import { words } from '../../../lib/chart/words.ts';

const plot = plotIn({ left: 50, top: 10, width: 200, height: 100 }, { x: [0, 20], y: [0, 50] });
const pathOf = (markup: string) => (parseXml(markup).root as XmlElement).attributes.d ?? '';

describe('a chart', () => {
  const document = chart(
    { width: 300, height: 150, title: 'Queue & age', description: 'Depth < 5' },
    valueAxis(plot, { format: compact }),
    timeAxis(plot, { every: 5, format: clock }),
    lineOf(plot, [[0, 1]], { hue: 'blue' }),
    legend([{ label: 'a <b>', hue: 'red' }], { x: 0, y: 0 }),
  );
  const root = parseXml(document).root as XmlElement;
  const find = (name: string) =>
    root.children.find((child): child is XmlElement => 'name' in child && child.name === name);

  it('is well-formed, and names and describes itself for readers that do not see it', () => {
    expect(root.attributes).toMatchObject({ role: 'img', viewBox: '0 0 300 150' });
    expect(root.attributes['aria-labelledby']?.split(' ')).toEqual([
      find('title')?.attributes.id,
      find('desc')?.attributes.id,
    ]);
    expect(find('title')?.text).toBe('Queue & age');
    expect(find('desc')?.text).toBe('Depth < 5');
  });

  it('contains everything that it needs, and no script', () => {
    expect(document).not.toMatch(/<script|<image|@import|url\(|href=/);
  });

  it('has each colour in light and in dark', () => {
    const [light = '', dark = ''] = styleSheet.split('@media (prefers-color-scheme:dark)');
    const classes = (css: string) => [...css.matchAll(/\.([fs]-\w+)\{/g)].map(([, name]) => name);
    expect(classes(light).length).toBeGreaterThan(20);
    expect(classes(dark)).toEqual(classes(light));
  });
});

describe('series', () => {
  it('a line goes through its points in the pixels of the plot', () => {
    expect(
      pathOf(
        lineOf(
          plot,
          [
            [0, 0],
            [10, 25],
          ],
          { hue: 'blue' },
        ),
      ),
    ).toBe('M50,110L150,60');
  });

  it('a value that is missing leaves a gap, and one beyond the domain is drawn on the edge', () => {
    const points = [
      [0, 0],
      [5, Number.NaN],
      [10, 900],
      [20, 50],
    ] as const;
    expect(pathOf(lineOf(plot, points, { hue: 'blue' }))).toBe('M50,110ZM150,10L250,10');
  });

  it('an area stands on zero', () => {
    expect(
      pathOf(
        areaOf(
          plot,
          [
            [0, 50],
            [20, 50],
          ],
          { hue: 'red' },
        ),
      ),
    ).toBe('M50,10L250,10L250,110L50,110Z');
  });

  it('layers stand on each other', () => {
    const layers = [
      { hue: 'green', values: [10, 10] },
      { hue: 'red', values: [15, 15] },
    ] as const;
    const markup = parseXml(`<g>${stackOf(plot, [0, 20], layers)}</g>`).root as XmlElement;
    const paths = markup.children.map((child) => (child as XmlElement).attributes.d);
    expect(paths).toEqual(['M50,90L250,90L250,110L50,110Z', 'M50,60L250,60L250,90L50,90Z']);
  });

  it('bars of nothing are left out', () => {
    const bars = [
      { from: 0, to: 1, value: 0 },
      { from: 1, to: 2, value: 25 },
    ];
    expect(pathOf(barsOf(plot, bars, { hue: 'red' }))).toBe('M60.0,110.0V60.0H70.0V110.0Z');
  });
});

describe('words and axes', () => {
  it('text is escaped', () => {
    expect(words('<script> & "x"', { x: 0, y: 0 })).toContain('&lt;script&gt; &amp; &quot;x&quot;');
  });

  it('a limit is a dashed line at its value, with its name', () => {
    expect(limitLine(plot, 25, { label: 'max' })).toMatch(/y1="60".*>max<\/text>/);
  });

  it('a domain ends above the greatest value at a round number, also when all are zero', () => {
    expect(fromZero([3, 92])).toEqual([0, 120]);
    expect(fromZero([0])).toEqual([0, 1]);
  });

  it.each([
    [20, 8, 5],
    [170, 8, 30],
    [3600, 6, 600],
    [864_000, 5, 172_800],
  ])('ticks of %s seconds, at most %s: every %s', (seconds, most, every) => {
    expect(timeStep(seconds, most)).toBe(every);
  });

  it('numbers and times are short', () => {
    expect([12_345, 0].map(grouped)).toEqual(['12,345', '0']);
    expect([950, 1200, 12_000, 0.25, 3e6].map(compact)).toEqual(['950', '1.2k', '12k', '0.25', '3M']);
    expect([40, 120, 150, 7200].map(clock)).toEqual(['40 s', '2 min', '2:30', '2 h']);
  });
});
