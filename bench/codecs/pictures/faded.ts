import type { Raster } from '../../../lambda/imaging/raster.ts';

/** Saturations of copies of each photograph: grey, and two in between where a look is still far from those of colour. */
export const saturations = [0, 0.05, 0.2] as const;

/** A copy with this share of its colour; the luma stays. */
export function faded({ data, ...size }: Raster, saturation: number): Raster {
  const pixels = Buffer.alloc(data.length);
  for (let at = 0; at < data.length; at += 3) {
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3);
    const luma = 0.299 * r + 0.587 * g + 0.114 * b;
    for (const [channel, level] of [r, g, b].entries())
      pixels[at + channel] = Math.max(0, Math.min(255, Math.round(luma + saturation * (level - luma))));
  }
  return { data: pixels, ...size };
}
