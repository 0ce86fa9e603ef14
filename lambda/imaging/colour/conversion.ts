import type { Raster } from '../raster.ts';
import { apply, diagonal, type Matrix, multiply } from './matrix.ts';
import { type Curve, type RgbSpace, storedSteps, toLinearSrgb } from './space.ts';

/** Number of steps of light in the tables: at black, where sRGB is steepest, one is a fifth of an 8-bit step. */
export const lightSteps = 1 << 14;
/** Channels of 16 bits are reduced to 14, for which the tables take 2 ms. */
const deepBits = 14;

/** Decoded pixels before conversion: a raster, or one of 16 bits a channel. */
export interface Samples extends Omit<Raster, 'data'> {
  data: Buffer | Uint16Array;
}

/**
 * Converts pixels of an RGB space to 8-bit sRGB, in place where they have 8 bits; 16-bit input is overwritten. Relative
 * colorimetric; colours outside of sRGB are clipped, as in LittleCMS for such profiles. Alpha is kept. 6 ns a pixel.
 */
export function convertToSrgb({ data, width, height, channels }: Samples, space: RgbSpace): Raster {
  if (data instanceof Uint16Array) {
    const pixels = roundTo8({ data, width, height, channels });
    for (let at = 0; at < data.length; at++) data[at] = (data[at] as number) >> (16 - deepBits);
    convert(data, pixels.data, channels, space, 1 << deepBits);
    return pixels;
  }
  convert(data, data, channels, space, 1 << 8);
  return { data, width, height, channels };
}

/** A matrix between tables, which cover all its results and need no bounds checks. */
function convert(
  from: Buffer | Uint16Array,
  to: Buffer,
  channels: 3 | 4,
  space: RgbSpace,
  levels: number,
): void {
  const [reds, greens, blues] = lightsOf(space, levels);
  const matrix = whiteToWhite(multiply(toLinearSrgb, space.toXyz));
  const [rr, rg, rb, gr, gg, gb, br, bg, bb] = matrix;
  const { stored, zero } = storedOf(matrix);
  for (let at = 0; at < from.length; at += channels) {
    const r = reds[from[at] as number] as number;
    const g = greens[from[at + 1] as number] as number;
    const b = blues[from[at + 2] as number] as number;
    to[at] = stored[(zero + rr * r + rg * g + rb * b) | 0] as number;
    to[at + 1] = stored[(zero + gr * r + gg * g + gb * b) | 0] as number;
    to[at + 2] = stored[(zero + br * r + bg * g + bb * b) | 0] as number;
  }
}

/** For each channel, the light of each stored value, in steps. */
function lightsOf({ curves }: RgbSpace, levels: number): [Float64Array, Float64Array, Float64Array] {
  const light = (curve: Curve) =>
    Float64Array.from({ length: levels }, (_, level) => curve(level / (levels - 1)) * lightSteps);
  return [light(curves[0]), light(curves[1]), light(curves[2])];
}

/** sRGB's 8-bit value of each step of light that the matrix can return; black is at `zero`, which includes rounding. */
function storedOf(matrix: Matrix): { stored: Uint8Array; zero: number } {
  const rows = [matrix.slice(0, 3), matrix.slice(3, 6), matrix.slice(6, 9)];
  const sum = (row: number[], sign: 1 | -1) =>
    row.reduce((total, share) => total + Math.max(0, share * sign), 0);
  const below = Math.ceil(Math.max(...rows.map((row) => sum(row, -1))) * lightSteps) + 1;
  const above = Math.ceil(Math.max(1, ...rows.map((row) => sum(row, 1))) * lightSteps) + 2;
  srgbSteps ??= storedSteps(lightSteps);
  const stored = new Uint8Array(below + above).fill(255, below);
  stored.set(srgbSteps, below);
  return { stored, zero: below + 0.5 };
}

let srgbSteps: Uint8Array | undefined;

/** Rounds channels of 16 bits to 8; the codec would truncate. */
export function roundTo8({ data, ...rest }: Samples): Raster {
  const pixels = Buffer.allocUnsafe(data.length);
  // The same as dividing by 257 and rounding, for all 65,536 values.
  for (let at = 0; at < data.length; at++) pixels[at] = ((data[at] as number) * 255 + 32_895) >> 16;
  return { ...rest, data: pixels };
}

/** Whether no colour of an even grid (18³) moves by more than one 8-bit step on its way to sRGB. */
export function isNearlySrgb(space: RgbSpace): boolean {
  const side = 18;
  const before = Buffer.alloc(side ** 3 * 3);
  for (let at = 0; at < before.length; at++)
    before[at] = (Math.floor(Math.floor(at / 3) / side ** (at % 3)) % side) * 15;
  const grid = { data: Buffer.from(before), width: side ** 3, height: 1, channels: 3 } as const;
  const { data } = convertToSrgb(grid, space);
  return data.every((value, at) => Math.abs(value - (before[at] as number)) <= 1);
}

/** Colorants are rounded to 1/65536: without this, one channel of a grey could be a step off. */
function whiteToWhite(matrix: Matrix): Matrix {
  const [red, green, blue] = apply(matrix, [1, 1, 1]);
  const isWhite = [red, green, blue].every((light) => Math.abs(light - 1) < 0.002);
  return isWhite ? multiply(diagonal([1 / red, 1 / green, 1 / blue]), matrix) : matrix;
}
