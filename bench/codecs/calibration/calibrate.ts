import type { LossyFormat } from '../../../lambda/domain/quality.ts';
import type { Calibration, Kind, Range, Weights } from '../../../lambda/imaging/encode/calibrated.ts';
import type { Look } from '../../../lambda/imaging/encode/look/look.ts';
import { features, levelWeights, losslessWeights } from './fit.ts';
import type { Observation } from './observe.ts';

export const formats = ['jpeg', 'webp', 'avif'] as const satisfies readonly LossyFormat[];
/** Scores between which a number is interpolated. */
const scores = [40, 50, 60, 70, 80, 90] as const;

/**
 * Fits the numbers of all formats, for pictures, for pale ones and for graphics. Fitted together with their pale copies, the
 * AVIFs of photographs of cameras would hit 70 points in 76 % instead of 90 %; fitted alone, the copies are too few.
 */
export function calibrate(observations: readonly Observation[]): Calibration {
  return {
    scores,
    features,
    sizes: {
      least: Math.min(...observations.map(({ look }) => look.size)),
      most: Math.max(...observations.map(({ look }) => look.size)),
    },
    pictures: fitted(observations.filter(({ graphic, saturation }) => !graphic && saturation === undefined)),
    pale: fitted(observations.filter(({ graphic }) => !graphic)),
    graphics: fitted(observations.filter(({ graphic }) => graphic)),
    lossless: rounded(losslessWeights(observations.filter(({ format }) => format === 'avif'))),
  };
}

function fitted(observations: readonly Observation[]): Kind {
  const of = (format: LossyFormat): Weights => {
    const own = observations.filter((one) => one.format === format);
    return {
      bySize: scores.map((score) => rounded(levelWeights(own, score, ['size']))),
      byLook: scores.map((score) => rounded(levelWeights(own, score, features))),
    };
  };
  return { range: rangeOf(observations), jpeg: of('jpeg'), webp: of('webp'), avif: of('avif') };
}

function rangeOf(observations: readonly Observation[]): Range {
  const valuesOf = (name: keyof Look) => observations.map(({ look }) => look[name]);
  return {
    least: features.map((name) => Math.min(...valuesOf(name))),
    most: features.map((name) => Math.max(...valuesOf(name))),
  };
}

/** Enough for a hundredth of a level. */
function rounded(weights: readonly number[]): number[] {
  return weights.map((weight) => Number(weight.toPrecision(5)));
}
