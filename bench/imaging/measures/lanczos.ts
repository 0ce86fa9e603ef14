import type { Pixels } from './likeness.ts';

/*
 * The reference for measurements: Lanczos 3 from every pixel of the original, in floating point, rounded once. An
 * implementation of its own, so that libvips is not compared with itself.
 */
const lobes = 3;

interface Taps {
  first: number;
  weights: Float64Array;
}

/** A smaller copy, or the same size; channels are resampled as they are (no alpha). */
export function lanczos(source: Pixels, width: number, height: number): Pixels {
  const { channels } = source;
  const across = resampleColumns(
    source.data,
    source.width,
    source.height,
    channels,
    tapsOf(source.width, width),
  );
  const turned = resampleRows(across, width * channels, tapsOf(source.height, height));
  return {
    data: Uint8Array.from(turned, (value) => Math.max(0, Math.min(255, Math.round(value)))),
    width,
    height,
    channels,
  };
}

/** The source pixels of each pixel of the smaller side; cut at the edges and normalised. */
function tapsOf(from: number, to: number): Taps[] {
  const scale = from / to;
  return Array.from({ length: to }, (_, at) => {
    const centre = (at + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - lobes * scale));
    const last = Math.min(from - 1, Math.floor(centre + lobes * scale));
    const weights = Float64Array.from({ length: last - first + 1 }, (_, k) =>
      kernel((first + k - centre) / scale),
    );
    const sum = weights.reduce((a, b) => a + b, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function kernel(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}

function resampleColumns(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  taps: Taps[],
): Float32Array {
  const out = new Float32Array(taps.length * height * channels);
  for (let y = 0, to = 0; y < height; y++)
    for (const { first, weights } of taps)
      for (let c = 0; c < channels; c++, to++) {
        let sum = 0;
        for (let k = 0, at = (y * width + first) * channels + c; k < weights.length; k++, at += channels)
          sum += (weights[k] as number) * (data[at] as number);
        out[to] = sum;
      }
  return out;
}

function resampleRows(data: Float32Array, stride: number, taps: Taps[]): Float64Array {
  const out = new Float64Array(stride * taps.length);
  for (const [row, { first, weights }] of taps.entries())
    for (const [k, weight] of weights.entries())
      for (let at = (first + k) * stride, to = row * stride, end = to + stride; to < end; at++, to++)
        out[to] = (out[to] as number) + weight * (data[at] as number);
  return out;
}
