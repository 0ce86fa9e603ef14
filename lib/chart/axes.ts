import { element } from './element.ts';
import { stroke } from './palette.ts';
import type { Plot } from './plot.ts';
import { words } from './words.ts';

export interface AxisOptions {
  /** About so many ticks. */
  ticks?: number;
  format(value: number): string;
  /** False draws the lines only, for a plot beside another with the same axis. */
  labels?: boolean;
}

/** Horizontal lines with their values on the left. */
export function valueAxis(plot: Plot, { ticks = 4, format, labels = true }: AxisOptions): string {
  const { left, width } = plot.box;
  return plot.y
    .ticks(ticks)
    .map((value) => {
      const y = plot.y(value);
      const rule = element('line', { x1: left, x2: left + width, y1: y, y2: y, class: stroke('line') });
      if (!labels) return rule;
      return rule + words(format(value), { x: left - 6, y: y + 4, hue: 'faint', size: 11, anchor: 'end' });
    })
    .join('');
}

/** Ticks below the plot with their times. `every` is in the unit of x. */
export function timeAxis(
  plot: Plot,
  { every, format, labels = true }: Omit<AxisOptions, 'ticks'> & { every: number },
): string {
  const [from = 0, to = 0] = plot.x.domain();
  const bottom = plot.box.top + plot.box.height;
  const parts: string[] = [];
  for (let at = Math.ceil(from / every) * every; at <= to; at += every) {
    const x = plot.x(at);
    parts.push(element('line', { x1: x, x2: x, y1: bottom, y2: bottom + 4, class: stroke('faint') }));
    if (labels)
      parts.push(words(format(at), { x, y: bottom + 17, hue: 'faint', size: 11, anchor: 'middle' }));
  }
  const { left, width } = plot.box;
  parts.push(element('line', { x1: left, x2: left + width, y1: bottom, y2: bottom, class: stroke('faint') }));
  return parts.join('');
}

/** The step of a time axis in seconds that gives at most `most` ticks. */
export function timeStep(seconds: number, most: number): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400];
  return steps.find((step) => seconds / step <= most) ?? Math.ceil(seconds / most / 86_400) * 86_400;
}
