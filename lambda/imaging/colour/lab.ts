import type { Raster } from '../raster.ts';
import { lightSteps, type Samples } from './conversion.ts';
import { diagonal, multiply } from './matrix.ts';
import { d50, storedSteps, toLinearSrgb } from './space.ts';

/** The point where the curve of L* becomes a line (CIE 15). */
const kink = 6 / 29;
/** The range of L*, a* and b* before they are cubed, in steps of 1/28,493. */
const [least, most, shareSteps] = [-0.6, 1.7, 1 << 16];
const shareScale = (shareSteps - 1) / (most - least);

/**
 * Converts CIELAB of a TIFF (L* from 0 to the largest number; signed a* and b*, in steps of 1 or of 1/256) to 8-bit sRGB,
 * in place where it has 8 bits. From D50, the white of TIFF and ICC, to sRGB's white by Bradford's matrix, as LittleCMS
 * does. 40 ns a pixel.
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

/** Light of each share, in steps (CIE 15, the inverse curve of L*). */
function cubesOf(): Float64Array {
  return Float64Array.from({ length: shareSteps }, (_, step) => {
    const share = least + step / shareScale;
    return lightSteps * (share > kink ? share ** 3 : 3 * kink ** 2 * (share - 4 / 29));
  });
}
