import { area, curveLinear, curveStepAfter, line, stack } from 'd3-shape';
import { element } from './element.ts';
import { fill, type Hue, stroke } from './palette.ts';
import type { Plot } from './plot.ts';

/** A `y` of NaN leaves a gap. */
export type Point = readonly [x: number, y: number];

export interface SeriesOptions {
  hue: Hue;
  /** Each value holds until the next one. */
  step?: boolean;
  /** Of the line, in pixels. */
  width?: number;
  dashes?: string;
  opacity?: number;
}

const hasValue = ([, value]: Point) => Number.isFinite(value);
const curve = (step: boolean | undefined) => (step ? curveStepAfter : curveLinear);

export function lineOf(
  plot: Plot,
  points: Iterable<Point>,
  { hue, step, width = 1.75, dashes, opacity }: SeriesOptions,
): string {
  const path = line<Point>()
    .digits(1)
    .curve(curve(step))
    .defined(hasValue)
    .x(([x]) => plot.x(x))
    .y(([, y]) => plot.y(y));
  return element('path', {
    d: path(points) ?? '',
    fill: 'none',
    class: stroke(hue),
    'stroke-width': width,
    'stroke-linejoin': 'round',
    'stroke-dasharray': dashes,
    opacity,
  });
}

/** From 0 up to the values. */
export function areaOf(
  plot: Plot,
  points: Iterable<Point>,
  { hue, step, opacity = 0.2 }: SeriesOptions,
): string {
  const path = area<Point>()
    .digits(1)
    .curve(curve(step))
    .defined(hasValue)
    .x(([x]) => plot.x(x))
    .y0(plot.y(0))
    .y1(([, y]) => plot.y(y));
  return element('path', { d: path(points) ?? '', class: fill(hue), opacity });
}

export interface Layer {
  hue: Hue;
  /** One value for each x. NaN in all layers leaves a gap. */
  values: readonly number[];
}

/** Areas on top of each other, the first at the bottom. */
export function stackOf(
  plot: Plot,
  xs: readonly number[],
  layers: readonly Layer[],
  { step, opacity = 0.85 }: { step?: boolean; opacity?: number } = {},
): string {
  const at = xs.map((_, index) => index);
  const stacked = stack<number, number>()
    .keys(layers.keys())
    .value((index, layer) => layers[layer]?.values[index] ?? 0)(at);
  return stacked
    .map((bounds, layer) => {
      const path = area<number>()
        .digits(1)
        .curve(curve(step))
        .defined((index) => Number.isFinite(bounds[index]?.[1]))
        .x((index) => plot.x(xs[index] ?? 0))
        .y0((index) => plot.y(bounds[index]?.[0] ?? 0))
        .y1((index) => plot.y(bounds[index]?.[1] ?? 0));
      return element('path', { d: path(at) ?? '', class: fill(layers[layer]?.hue ?? 'grey'), opacity });
    })
    .join('');
}

export interface Bar {
  from: number;
  to: number;
  value: number;
}

/** A bar for each span of x, such as counts of each second. Bars of 0 are left out. */
export function barsOf(plot: Plot, bars: Iterable<Bar>, { hue, opacity }: SeriesOptions): string {
  const parts: string[] = [];
  for (const { from, to, value } of bars) {
    if (!(value > 0)) continue;
    const [left, right, top] = [plot.x(from), plot.x(to), plot.y(value)].map((part) => part.toFixed(1));
    parts.push(`M${left},${plot.y(0).toFixed(1)}V${top}H${right}V${plot.y(0).toFixed(1)}Z`);
  }
  return element('path', { d: parts.join(''), class: fill(hue), opacity });
}
