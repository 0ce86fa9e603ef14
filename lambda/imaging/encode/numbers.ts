import { type LossyFormat, type Target, targetNumbers } from '../../domain/quality.ts';
import type { Calibration, Kind, Range } from './calibrated.ts';
import { calibration } from './calibration.ts';
import type { Look } from './look/look.ts';

/**
 * The number of an encoder, 1-100, that gives a picture of this look about the score of the target. It never falls as the
 * score rises. Sizes beyond those of the calibration count as the nearest of them; a look beyond them has at least
 * the number of its size.
 * @param graphic whether the encoder is used as for graphics: JPEG and AVIF in 4:4:4, WebP with sharp YUV
 */
export function numberFor(
  format: LossyFormat,
  { score, auto }: Target,
  look: Look,
  graphic: boolean,
  { scores, features, sizes, ...kinds }: Calibration = calibration,
): number {
  const near = { ...look, size: Math.min(sizes.most, Math.max(sizes.least, look.size)) };
  const numbersBy = ({ range, [format]: { byLook, bySize } }: Kind, caution = 0): number[] => {
    const unlike = Math.max(caution, strangeness(near, features, range));
    return scores.map((_, index) => {
      const number = weighed(at(byLook, index), near, features);
      const least = weighed(at(bySize, index), near, ['size']);
      return auto ? mixed(number, Math.max(number, least), unlike) : least;
    });
  };
  const pale = auto && !graphic ? paleness(look) : 0;
  const pales = numbersBy(kinds.pale, greyCaution * greyness(look));
  const fitted = numbersBy(graphic ? kinds.graphics : kinds.pictures).map((number, index) =>
    mixed(number, at(pales, index), pale),
  );
  const rising = fitted.map((_, index) => Math.max(...fitted.slice(0, index + 1)));
  const above = scores.findIndex((one, index) => index > 0 && (one >= score || index === scores.length - 1));
  const share = (score - at(scores, above - 1)) / (at(scores, above) - at(scores, above - 1));
  const number = mixed(at(rising, above - 1), at(rising, above), share);
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

/**
 * How far outside the calibrated range of a feature the weights still count in full, and from where on not at all, as shares
 * of that range. Pictures of the calibration are up to 0.15 outside the range of the others, and get their scores. Without
 * any colour a photograph is half a range outside: weights gave it 17 to 66 points for 70, its size gives it 68 to 87. Where
 * weights say more than the size they are right to: grey text of 32 levels needs 60 to 75 as WebP, not 28.
 */
const outside = { near: 0.15, far: 0.3 };

/**
 * How strange a look is to the calibration, 0-1: by the feature that is furthest outside its range. Lightness does not
 * count: photographs of things on white are a third of its range outside, and weights give them 68 to 70 points for 70.
 */
function strangeness(look: Look, names: readonly (keyof Look)[], { least, most }: Range): number {
  return names.reduce((strangest, name, index) => {
    if (name === 'light') return strangest;
    const [low, high] = [at(least, index), at(most, index)];
    const share = Math.max(low - look[name], look[name] - high) / (high - low);
    return Math.max(strangest, Math.min(1, (share - outside.near) / (outside.far - outside.near)));
  }, 0);
}

/**
 * How little colour there is for the contrast of lightness, 0-1: both are logarithms. Photographs have -1 to -4, with a fifth
 * of their colour -3.2 to -5.8, and without any below -8.5.
 */
function paleness({ halfTintContrast, halfContrast }: Look): number {
  return Math.min(1, Math.max(0, -3.5 - (halfTintContrast - halfContrast)));
}

/** The same of no colour at all: photographs with a twentieth of it have -6.7 and more. */
function greyness({ halfTintContrast, halfContrast }: Look): number {
  return Math.min(1, Math.max(0, (-6.7 - (halfTintContrast - halfContrast)) / 1.8));
}

/** Grey copies that were left out of the fit are 2 points too low; with this share of the number of their size, on target. */
const greyCaution = 0.3;

/** `share` of the other number, and the rest of this one. */
function mixed(one: number, other: number, share: number): number {
  return one * (1 - share) + other * share;
}

function at<Value>(values: readonly Value[], index: number): Value {
  return values[index] as Value;
}

function weighed([base = 0, ...weights]: readonly number[], look: Look, names: readonly (keyof Look)[]) {
  return names.reduce((sum, name, index) => sum + (weights[index] ?? 0) * look[name], base);
}
