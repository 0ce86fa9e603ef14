import type { Raster } from '../raster.ts';
import type { Samples } from './conversion.ts';
import { d50, srgbStored, toLinearSrgb } from './space.ts';

/** Light is looked up in so many steps: at black, where sRGB is steepest, one is a fifth of an 8-bit step. */
const lightSteps = 1 << 14;
/** Where the curve of L* becomes a line (CIE 15). */
const kink = 6 / 29;

/**
 * Pixels of CIELAB as a TIFF keeps them (L* from 0 to the largest number; a* and b* with a sign, in steps of 1 or of
 * 1/256) as 8-bit sRGB, in place where they have 8 bits already. Under D50, which TIFF and ICC mean, to sRGB's own white by
 * Bradford's matrix, as LittleCMS does it.
 */
export function labToSrgb({ data, width, height, channels }: Samples): Raster {
  const deep = data instanceof Uint16Array;
  const pixels = deep ? Buffer.allocUnsafe(data.length) : data;
  const [most, one] = deep ? [0xffff, 256] : [0xff, 1];
  const half = (most + 1) / 2;
  const signed = (value: number) => (value < half ? value : value - most - 1) / one;
  const stored = Uint8Array.from({ length: lightSteps + 1 }, (_, step) =>
    Math.round(255 * srgbStored(step / lightSteps)),
  );
  const sRgb = (light: number) =>
    stored[light <= 0 ? 0 : light >= 1 ? lightSteps : Math.round(light * lightSteps)] as number;
  const [xr, yr, zr, xg, yg, zg, xb, yb, zb] = toLinearSrgb;
  for (let at = 0; at < data.length; at += channels) {
    const lightness = ((data[at] as number) / most) * 100;
    const middle = (lightness + 16) / 116;
    const x = d50[0] * cubed(middle + signed(data[at + 1] as number) / 500);
    const y = d50[1] * cubed(middle);
    const z = d50[2] * cubed(middle - signed(data[at + 2] as number) / 200);
    pixels[at] = sRgb(xr * x + yr * y + zr * z);
    pixels[at + 1] = sRgb(xg * x + yg * y + zg * z);
    pixels[at + 2] = sRgb(xb * x + yb * y + zb * z);
    if (channels === 4 && deep) pixels[at + 3] = ((data[at + 3] as number) * 255 + 32_895) >> 16;
  }
  return { data: pixels, width, height, channels };
}

function cubed(share: number): number {
  return share > kink ? share ** 3 : 3 * kink ** 2 * (share - 4 / 29);
}
