import type { LossyFormat, Target } from '../../../lambda/domain/quality.ts';
import type { Calibration } from '../../../lambda/imaging/encode/calibrated.ts';
import { numberFor } from '../../../lambda/imaging/encode/numbers.ts';
import { quantile } from '../analysis/quartiles.ts';
import { calibrate, formats } from './calibrate.ts';
import { levelAt, scoreAt } from './curve.ts';
import type { Observation } from './observe.ts';

/** How a number is chosen: one for all, by the size, or by the look. */
export const ways = ['fixed', 'size', 'auto'] as const;
export type Way = (typeof ways)[number];

/** One format of one picture at one size, with the score that each way gives it. */
export interface Outcome
  extends Pick<Observation, 'picture' | 'kind' | 'source' | 'saturation' | 'size' | 'format' | 'graphic'> {
  target: number;
  scores: Record<Way, number>;
}

export const targets = [60, 70, 80] as const;

/**
 * The scores of all observations by numbers that were fitted without their picture, and without those that were drawn
 * around it. The fixed number is the median of what the others need.
 */
export function evaluate(observations: readonly Observation[]): Outcome[] {
  return [...Map.groupBy(observations, ({ family }) => family)].flatMap(([family, own]) => {
    const others = observations.filter((one) => one.family !== family);
    const calibration = calibrate(others);
    const fixed = fixedNumbers(others);
    return targets.flatMap((target) => own.map((one) => outcome(one, target, calibration, fixed)));
  });
}

type Fixed = (format: LossyFormat, target: number) => number;

function fixedNumbers(observations: readonly Observation[]): Fixed {
  const found = new Map<string, number>();
  for (const format of formats)
    for (const target of targets) {
      const own = observations.filter((one) => one.format === format && one.saturation === undefined);
      found.set(
        `${format} ${target}`,
        Math.round(
          quantile(
            own.map((one) => levelAt(one, target)),
            0.5,
          ),
        ),
      );
    }
  return (format, target) => found.get(`${format} ${target}`) as number;
}

function outcome(one: Observation, target: number, calibration: Calibration, fixed: Fixed): Outcome {
  const { picture, kind, source, saturation, size, format, graphic, look } = one;
  const by = (about: Target) => scoreAt(one, numberFor(format, about, look, graphic, calibration));
  return {
    ...{ picture, kind, source, size, format, graphic, target },
    ...(saturation === undefined ? {} : { saturation }),
    scores: {
      fixed: scoreAt(one, fixed(format, target)),
      size: by({ score: target, auto: false }),
      auto: by({ score: target, auto: true }),
    },
  };
}
