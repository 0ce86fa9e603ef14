import type { Raster } from '../raster.ts';

/** Bits of each channel that group colours: 4 give 4096 groups. */
const bits = 4;

/**
 * The most frequent colour of a small raster, as `#rrggbb`: the mean of the fullest group. Transparent pixels count by
 * their alpha; white where nothing is visible.
 */
export function dominantColour({ data, channels }: Raster): string {
  const kinds = 1 << (3 * bits);
  const sums = new Float64Array(kinds * 4);
  for (let at = 0; at < data.length; at += channels) {
    const weight = channels === 4 ? (data[at + 3] as number) : 255;
    const kind =
      [0, 1, 2].reduce((key, c) => (key << bits) | ((data[at + c] as number) >> (8 - bits)), 0) * 4;
    for (let c = 0; c < 3; c++)
      sums[kind + c] = (sums[kind + c] as number) + weight * (data[at + c] as number);
    sums[kind + 3] = (sums[kind + 3] as number) + weight;
  }
  let fullest = 0;
  for (let kind = 0; kind < kinds * 4; kind += 4)
    if ((sums[kind + 3] as number) > (sums[fullest + 3] as number)) fullest = kind;
  const weight = sums[fullest + 3] as number;
  if (weight === 0) return '#ffffff';
  const hex = [0, 1, 2].map((c) =>
    Math.round((sums[fullest + c] as number) / weight)
      .toString(16)
      .padStart(2, '0'),
  );
  return `#${hex.join('')}`;
}
