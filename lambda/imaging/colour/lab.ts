import type { Raster } from '../raster.ts';
import { lightSteps, type Samples } from './conversion.ts';
import { diagonal, multiply } from './matrix.ts';
import { d50, storedSteps, toLinearSrgb } from './space.ts';

/** Where the curve of L* becomes a line (CIE 15). */
const kink = 6 / 29;
/** What L*, a* and b* of a file come to before they are cubed lies within; in steps of 1/28,493. */
const [least, most, shareSteps] = [-0.6, 1.7, 1 << 16];
const shareScale = (shareSteps - 1) / (most - least);

/**
 * Pixels of CIELAB as a TIFF keeps them (L* from 0 to the largest number; a* and b* with a sign, in steps of 1 or of
 * 1/256) as 8-bit sRGB, in place where they have 8 bits already. Under D50, which TIFF and ICC mean, to sRGB's own white by
 * Bradford's matrix, as LittleCMS does it. 40 ns a pixel.
 */
export function labToSrgb({ data, width, height, channels }: Samples): Raster {
  const deep = data instanceof Uint16Array;
  const pixels = deep ? Buffer.allocUnsafe(data.length) : data;
  const [full, one] = deep ? [1 << 16, 256] : [1 << 8, 1];
  const [half, ofLightness] = [full / 2, 100 / 116 / (full - 1)];
  const [ofA, ofB] = [1 / one / 500, 1 / one / 200];
  const cubes = cubesOf();
  const stored = storedSteps(lightSteps);
  const [xr, yr, zr, xg, yg, zg, xb, yb, zb] = multiply(toLinearSrgb, diagonal(d50));
  const cube = (share: number) => cubes[((share - least) * shareScale + 0.5) | 0] as number;
  const srgb = (light: number) =>
    stored[light <= 0 ? 0 : light >= lightSteps ? lightSteps : (light + 0.5) | 0] as number;
  for (let at = 0; at < data.length; at += channels) {
    const middle = (data[at] as number) * ofLightness + 16 / 116;
    const a = data[at + 1] as number;
    const b = data[at + 2] as number;
    const x = cube(middle + (a < half ? a : a - full) * ofA);
    const y = cube(middle);
    const z = cube(middle - (b < half ? b : b - full) * ofB);
    pixels[at] = srgb(xr * x + yr * y + zr * z);
    pixels[at + 1] = srgb(xg * x + yg * y + zg * z);
    pixels[at + 2] = srgb(xb * x + yb * y + zb * z);
    if (channels === 4 && deep) pixels[at + 3] = ((data[at + 3] as number) * 255 + 32_895) >> 16;
  }
  return { data: pixels, width, height, channels };
}

/** Light of each share, white in steps (CIE 15, the curve of L* backwards). */
function cubesOf(): Float64Array {
  return Float64Array.from({ length: shareSteps }, (_, step) => {
    const share = least + step / shareScale;
    return lightSteps * (share > kink ? share ** 3 : 3 * kink ** 2 * (share - 4 / 29));
  });
}
