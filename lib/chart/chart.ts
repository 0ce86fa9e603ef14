import { element, escaped } from './element.ts';
import { fill, stroke, styleSheet } from './palette.ts';

export interface ChartOptions {
  width: number;
  height: number;
  /** What the chart is, for readers that do not see it. */
  title: string;
  /** What it shows, in a few sentences, with the numbers that matter. */
  description: string;
}

/**
 * A self-contained SVG document: no script, no font and no file from elsewhere. It paints its own ground, so that it can be
 * read on a page of either colour.
 */
export function chart({ width, height, title, description }: ChartOptions, ...children: string[]): string {
  return `${element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-labelledby': 'chart-title chart-description',
    },
    element('title', { id: 'chart-title' }, escaped(title)),
    element('desc', { id: 'chart-description' }, escaped(description)),
    element('style', {}, styleSheet),
    element('rect', {
      x: 0.5,
      y: 0.5,
      width: width - 1,
      height: height - 1,
      rx: 10,
      class: `${fill('ground')} ${stroke('line')}`,
    }),
    '\n',
    children.join('\n'),
    '\n',
  )}\n`;
}
