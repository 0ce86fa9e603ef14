import type { Pixels } from '../fixtures.ts';

/** The source pixels of a target pixel: the first one, and the weights from there. */
interface Taps {
  first: number;
  weights: Float64Array;
}

const lobes = 3;

/** Lanczos 3 of a whole picture in one step, in floating point, unrounded: the reference for every shortcut. */
export function lanczos({ data, width, height, channels }: Pixels, to: { width: number; height: number }) {
  const rows = new Float64Array(width * to.height * channels);
  taps(height, to.height).forEach(({ first, weights }, y) => {
    weights.forEach((weight, tap) => {
      const from = (first + tap) * width * channels;
      const into = y * width * channels;
      for (let at = 0; at < width * channels; at++)
        rows[into + at] = (rows[into + at] as number) + (data[from + at] as number) * weight;
    });
  });
  const pixels = new Float64Array(to.width * to.height * channels);
  taps(width, to.width).forEach(({ first, weights }, x) => {
    for (let y = 0; y < to.height; y++)
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let tap = 0; tap < weights.length; tap++)
          sum += (rows[(y * width + first + tap) * channels + c] as number) * (weights[tap] as number);
        pixels[(y * to.width + x) * channels + c] = Math.max(0, Math.min(255, sum));
      }
  });
  return pixels;
}

/** Pixels are at their centres; at the border the weights are normalised to 1. */
function taps(from: number, to: number): Taps[] {
  const shrink = from / to;
  return Array.from({ length: to }, (_, index) => {
    const middle = (index + 0.5) * shrink;
    const first = Math.max(0, Math.floor(middle - lobes * shrink));
    const last = Math.min(from, Math.ceil(middle + lobes * shrink));
    const weights = Float64Array.from({ length: last - first }, (_, tap) =>
      kernel((first + tap + 0.5 - middle) / shrink),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / angle ** 2;
}

/** Peak signal-to-noise ratio of two pictures of 8 bits in decibels. */
export function decibels(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error('pictures of two sizes');
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += ((a[at] as number) - (b[at] as number)) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}
