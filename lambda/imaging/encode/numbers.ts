import { type LossyFormat, type Target, targetNumbers } from '../../domain/quality.ts';
import type { Calibration } from './calibrated.ts';
import { calibration } from './calibration.ts';
import { isGraphic } from './look/graphic.ts';
import type { Look } from './look/look.ts';

/** The number of an encoder, 1-100, that gives a picture of this look about the score of the target. */
export function numberFor(
  format: LossyFormat,
  { score, auto }: Target,
  look: Look,
  { scores, features, ...kinds }: Calibration = calibration,
): number {
  const { bySize, byLook } = kinds[isGraphic(look) ? 'graphics' : 'pictures'][format];
  const at = (index: number) =>
    auto ? weighed(byLook[index] ?? [], look, features) : weighed(bySize[index] ?? [], look, ['size']);
  const above = scores.findIndex((one, index) => index > 0 && (one >= score || index === scores.length - 1));
  const [low, high] = [scores[above - 1] as number, scores[above] as number];
  const share = (score - low) / (high - low);
  const number = at(above - 1) * (1 - share) + at(above) * share;
  const { least, most } = targetNumbers[format];
  return Math.round(Math.min(most, Math.max(least, number)));
}

/** The bytes that a graphic of this look takes as WebP without loss: within a factor of 1.5 in two of three. */
export function losslessBytes(look: Look, { features, lossless }: Calibration = calibration): number {
  return 2 ** (weighed(lossless, look, features) + look.size) * 1e6;
}

function weighed([base = 0, ...weights]: readonly number[], look: Look, names: readonly (keyof Look)[]) {
  return names.reduce((sum, name, index) => sum + (weights[index] ?? 0) * look[name], base);
}
