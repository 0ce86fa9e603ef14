import { srgbCurve, srgbStored } from '../colour/space.ts';
import type { Raster } from '../raster.ts';
import { rgbOf } from '../rgb.ts';

/** Steps of linear light that are told apart: 4096 keep each of the 256 values of sRGB apart, the darkest too. */
const steps = 4096;

/** Light of each 8-bit sRGB value, 0-1, and the value of each step of light. */
const light = Float64Array.from({ length: 256 }, (_, value) => srgbCurve(value / 255));
const srgb = Uint8Array.from({ length: steps + 1 }, (_, step) => Math.round(255 * srgbStored(step / steps)));

/**
 * Lays a raster over a background; one without alpha is given back as it is. Mixes light, not its sRGB values: a soft
 * edge mixed in sRGB is darker than both of its sides, a fringe that everybody sees on white.
 * @param background `#rrggbb`, or `transparent` for white
 */
export function flatten(raster: Raster, background: string): Raster {
  if (raster.channels === 3) return raster;
  const { data: pixels, width, height } = raster;
  const below = rgbOf(background);
  const data = Buffer.allocUnsafe(width * height * 3);
  for (let from = 0, to = 0; to < data.length; from += 4, to += 3) {
    const alpha = pixels[from + 3] as number;
    for (let c = 0; c < 3; c++) {
      const above = pixels[from + c] as number;
      data[to + c] = alpha === 255 ? above : mix(above, below[c] as number, alpha / 255);
    }
  }
  return { data, width, height, channels: 3 };
}

function mix(above: number, below: number, share: number): number {
  if (share === 0) return below;
  const linear = (light[above] as number) * share + (light[below] as number) * (1 - share);
  return srgb[Math.round(linear * steps)] as number;
}
