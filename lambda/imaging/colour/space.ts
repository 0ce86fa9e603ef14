import { apply, columns, diagonal, inverse, type Matrix, multiply, type Triple } from './matrix.ts';

/** The light (0-1) of a stored number (0-1). */
export type Curve = (stored: number) => number;

/**
 * An RGB space of three curves and a matrix: a curve turns each stored channel into light, and the matrix turns light into
 * XYZ under D50 (the white of ICC's connection space).
 */
export interface RgbSpace {
  curves: readonly [Curve, Curve, Curve];
  toXyz: Matrix;
}

/** Chromaticities x, y of the three primaries and of white. */
export interface Chromaticities {
  red: readonly [number, number];
  green: readonly [number, number];
  blue: readonly [number, number];
  white: readonly [number, number];
}

/** The white of the ICC's connection space (ICC.1:2022, 7.2.16). */
export const d50: Triple = [0.9642, 1, 0.8249];
export const d65 = [0.3127, 0.329] as const;
/** The primaries of sRGB and BT.709. */
export const rec709: Chromaticities = {
  red: [0.64, 0.33],
  green: [0.3, 0.6],
  blue: [0.15, 0.06],
  white: d65,
};

/** Bradford's cone responses, which the ICC recommends for changing white. */
const bradford: Matrix = [0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296];

/** The curve of sRGB (IEC 61966-2-1). */
export const srgbCurve: Curve = (stored) =>
  stored <= 0.04045 ? stored / 12.92 : ((stored + 0.055) / 1.055) ** 2.4;

export const srgbStored = (light: number): number =>
  light <= 0.0031308 ? light * 12.92 : 1.055 * light ** (1 / 2.4) - 0.055;

/** sRGB's 8-bit value of each step of light above black; 16,384 of them take a millisecond. */
export function storedSteps(steps: number): Uint8Array {
  return Uint8Array.from({ length: steps + 1 }, (_, step) => Math.round(255 * srgbStored(step / steps)));
}

export function spaceOf(curve: Curve, chromaticities: Chromaticities): RgbSpace {
  return { curves: [curve, curve, curve], toXyz: toD50(chromaticities) };
}

/** Grey has one curve for all three channels. */
export function greySpace(curve: Curve): RgbSpace {
  return spaceOf(curve, rec709);
}

function toD50({ red, green, blue, white }: Chromaticities): Matrix {
  const primaries = columns(xyzOf(red), xyzOf(green), xyzOf(blue));
  const own = multiply(primaries, diagonal(apply(inverse(primaries), xyzOf(white))));
  const [from, to] = [apply(bradford, xyzOf(white)), apply(bradford, d50)];
  const adapt = diagonal([to[0] / from[0], to[1] / from[1], to[2] / from[2]]);
  return multiply(multiply(inverse(bradford), multiply(adapt, bradford)), own);
}

/** XYZ of a chromaticity at luminance 1. */
function xyzOf([x, y]: readonly [number, number]): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

/** From XYZ under D50 to linear sRGB. */
export const toLinearSrgb: Matrix = inverse(toD50(rec709));
