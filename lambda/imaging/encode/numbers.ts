import { type LossyFormat, type Target, targetNumbers } from '../../domain/quality.ts';
import type { Calibration } from './calibrated.ts';
import { calibration } from './calibration.ts';
import type { Look } from './look/look.ts';

/**
 * The number of an encoder, 1-100, that gives a picture of this look about the score of the target. It never falls as the
 * score rises, and sizes beyond those of the calibration count as the nearest of them.
 * @param graphic whether the encoder is used as for graphics: JPEG and AVIF in 4:4:4, WebP with sharp YUV
 */
export function numberFor(
  format: LossyFormat,
  { score, auto }: Target,
  look: Look,
  graphic: boolean,
  { scores, features, sizes, ...kinds }: Calibration = calibration,
): number {
  const { bySize, byLook } = kinds[graphic ? 'graphics' : 'pictures'][format];
  const near = { ...look, size: Math.min(sizes.most, Math.max(sizes.least, look.size)) };
  const fitted = auto
    ? byLook.map((weights) => weighed(weights, near, features))
    : bySize.map((weights) => weighed(weights, near, ['size']));
  const rising = fitted.map((_, index) => Math.max(...fitted.slice(0, index + 1)));
  const above = scores.findIndex((one, index) => index > 0 && (one >= score || index === scores.length - 1));
  const share = (score - at(scores, above - 1)) / (at(scores, above) - at(scores, above - 1));
  const number = at(rising, above - 1) * (1 - share) + at(rising, above) * share;
  const { least, most } = targetNumbers[format];
  return Math.round(Math.min(most, Math.max(least, number)));
}

/**
 * What trellis quantisation (mozjpeg) needs above the number of JPEG for the same score, in 4:2:0: the medians of
 * photographs are 6.4, 5 and 2 at 60, 70 and 80 (bench/codecs). Graphics in 4:4:4 need no more in the median.
 */
export function trellisExtra(score: number): number {
  return Math.round(Math.min(6.4, Math.max(0, 6.4 - 0.22 * (score - 60))));
}

/** The bytes that a graphic of this look takes as WebP without loss: within a factor of 1.5 in two of three. */
export function losslessBytes(look: Look, { features, lossless }: Calibration = calibration): number {
  return 2 ** (weighed(lossless, look, features) + look.size) * 1e6;
}

function at(values: readonly number[], index: number): number {
  return values[index] as number;
}

function weighed([base = 0, ...weights]: readonly number[], look: Look, names: readonly (keyof Look)[]) {
  return names.reduce((sum, name, index) => sum + (weights[index] ?? 0) * look[name], base);
}
