import { Matrix, solve } from 'ml-matrix';
import type { Look } from '../../../lambda/imaging/encode/look/look.ts';
import { levelAt, slopeAt } from './curve.ts';
import type { Observation } from './observe.ts';

/** All that a look tells. */
export const features = [
  'size',
  'light',
  'equalInBusy',
  'edges',
  'flat',
  'detail',
  'halfDetail',
  'halfContrast',
  'quarterGradient',
  'quarterBusiest',
  'quiet',
  'quarterQuiet',
  'tintGradient',
  'halfTintContrast',
  'tintVariance',
] as const satisfies readonly (keyof Look)[];

/** Keeps weights small that few pictures decide: the greatest that loses nothing when a picture is left out. */
const ridge = 0.004;
/** Photographs of cameras are what is uploaded; drawings widen the range. */
const cameraWeight = 2;

/** A look, what should follow from it, and how much an error of it counts. */
export interface Row {
  look: Look;
  wanted: number;
  weight: number;
}

/** Weights for the level that gives a score; an error counts in points of the score. */
export function levelWeights(
  observations: readonly Observation[],
  score: number,
  names: readonly (keyof Look)[],
): number[] {
  const rows = observations.map((one) => ({
    look: one.look,
    wanted: levelAt(one, score),
    weight: slopeAt(one, score) * (one.source === 'camera' ? cameraWeight : 1),
  }));
  return regression(rows, names);
}

/** Weights for log2 of the bytes a pixel of WebP without loss. */
export function losslessWeights(observations: readonly Observation[]): number[] {
  const rows = observations.flatMap(({ look, lossless }) =>
    lossless === undefined ? [] : [{ look, wanted: Math.log2(lossless / 1e6) - look.size, weight: 1 }],
  );
  return regression(rows, features);
}

/** Ridge regression on features of mean 0 and deviation 1: first a constant, then a weight for each feature. */
export function regression(rows: readonly Row[], names: readonly (keyof Look)[]): number[] {
  const standards = names.map((name) => standardOf(name, rows));
  const weigh = (values: number[][]) =>
    new Matrix(values.map((row, at) => row.map((value) => value * (rows[at]?.weight ?? 0))));
  const known = weigh(rows.map(({ look }) => [1, ...standards.map((one) => one.of(look))]));
  const wanted = weigh(rows.map((row) => [row.wanted]));
  const square = known.transpose().mmul(known);
  const total = rows.reduce((sum, { weight }) => sum + weight ** 2, 0);
  for (let at = 1; at < square.rows; at++) square.set(at, at, square.get(at, at) + ridge * total);
  const [constant = 0, ...scaled] = solve(square, known.transpose().mmul(wanted)).to1DArray();
  const slopes = standards.map(({ deviation }, at) => (scaled[at] ?? 0) / deviation);
  return [standards.reduce((base, { mean }, at) => base - (slopes[at] ?? 0) * mean, constant), ...slopes];
}

function standardOf(name: keyof Look, rows: readonly Row[]) {
  const values = rows.map(({ look }) => look[name]);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance) || 1;
  return { mean, deviation, of: (look: Look) => (look[name] - mean) / deviation };
}
