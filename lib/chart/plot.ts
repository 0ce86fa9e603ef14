import { type ScaleLinear, scaleLinear } from 'd3-scale';

/** In pixels; y grows downwards. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** A box with its two scales. Values outside the domains are drawn on the edge. */
export interface Plot {
  box: Box;
  x: ScaleLinear<number, number>;
  y: ScaleLinear<number, number>;
}

type Domain = readonly [least: number, greatest: number];

export function plotIn(box: Box, domain: { x: Domain; y: Domain }): Plot {
  const { left, top, width, height } = box;
  return {
    box,
    x: scaleLinear([...domain.x], [left, left + width]).clamp(true),
    y: scaleLinear([...domain.y], [top + height, top]).clamp(true),
  };
}

/** A domain from 0 that ends at a round number and has `headroom` (0.1 is a tenth) above the greatest value. */
export function fromZero(values: Iterable<number>, headroom = 0.1): Domain {
  let greatest = 0;
  for (const value of values) greatest = Math.max(greatest, value);
  const [, end = 1] = scaleLinear([0, greatest * (1 + headroom) || 1], [0, 1])
    .nice(4)
    .domain();
  return [0, end];
}
