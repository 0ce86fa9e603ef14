import { element } from './element.ts';
import { fill, type Hue, stroke } from './palette.ts';
import type { Plot } from './plot.ts';
import { widthOf, words } from './words.ts';

/** A horizontal line at a limit, with its name above the line. */
export function limitLine(
  plot: Plot,
  value: number,
  { label, hue = 'red', at = 'end' }: { label?: string; hue?: Hue; at?: 'start' | 'end' } = {},
): string {
  const { left, width } = plot.box;
  const y = plot.y(value);
  const line = element('line', {
    x1: left,
    x2: left + width,
    y1: y,
    y2: y,
    class: stroke(hue),
    'stroke-dasharray': '5 3',
  });
  if (label === undefined) return line;
  const x = at === 'end' ? left + width - 4 : left + 4;
  return line + words(label, { x, y: y - 4, hue, size: 11, anchor: at, halo: true });
}

/** A shaded span of x over the height of the plot. */
export function band(plot: Plot, from: number, to: number, hue: Hue, opacity = 0.12): string {
  const x = plot.x(from);
  return element('rect', {
    x,
    y: plot.box.top,
    width: Math.max(1, plot.x(to) - x),
    height: plot.box.height,
    class: fill(hue),
    opacity,
  });
}

/** A vertical line at a moment. */
export function moment(plot: Plot, at: number, hue: Hue = 'faint'): string {
  const x = plot.x(at);
  const { top, height } = plot.box;
  return element('line', {
    x1: x,
    x2: x,
    y1: top,
    y2: top + height,
    class: stroke(hue),
    'stroke-dasharray': '2 3',
  });
}

export interface LegendEntry {
  label: string;
  hue: Hue;
  /** A line instead of a square. */
  line?: boolean;
}

/** Entries beside each other, from (x, y) of the base line to the right. */
export function legend(entries: readonly LegendEntry[], at: { x: number; y: number; size?: number }): string {
  const { y, size = 11 } = at;
  let { x } = at;
  return entries
    .map(({ label, hue, line }) => {
      const mark = line
        ? element('line', { x1: x, x2: x + 10, y1: y - 4, y2: y - 4, class: stroke(hue), 'stroke-width': 2 })
        : element('rect', { x, y: y - 9, width: 10, height: 10, rx: 2, class: fill(hue) });
      const text = words(label, { x: x + 14, y, hue: 'ink', size });
      x += 14 + widthOf(label, size) + 14;
      return mark + text;
    })
    .join('');
}
