import type { Measured, Sample } from '../samples.ts';
import { grouped, type KindOrGroup, sizesOf } from './groups.ts';
import { middle, type Quartiles, quartiles } from './quartiles.ts';

/** Over the pictures of a kind at a size: what one level of a setting gives. */
export interface CurvePoint {
  level: number;
  pictures: number;
  score: Quartiles;
  /** Medians. The 3-norm of Butteraugli is absent where no picture was within the scores that it is asked about. */
  distance?: number;
  bytes: number;
  cpuMs: number;
}

export interface Curve {
  setting: string;
  kind: KindOrGroup;
  size: Measured['size'];
  points: CurvePoint[];
}

export function curvesOf(measured: readonly Measured[]): Curve[] {
  const curves: Curve[] = [];
  for (const size of sizesOf(measured))
    for (const [kind, all] of grouped(measured.filter((one) => one.size === size))) {
      const ladders = Map.groupBy(
        all.flatMap(({ samples }) => samples),
        ({ setting }) => setting,
      );
      for (const [setting, samples] of ladders) {
        const levels = Map.groupBy(samples, ({ level }) => level);
        curves.push({ setting, kind, size, points: [...levels].map(pointOf) });
      }
    }
  return curves;
}

function pointOf([level, samples]: [number, Sample[]]): CurvePoint {
  const distances = samples.flatMap(({ distance }) => distance ?? []);
  return {
    level,
    pictures: samples.length,
    score: quartiles(samples.map(({ score }) => score)) as Quartiles,
    ...(distances.length === 0 ? {} : { distance: middle(distances) }),
    bytes: middle(samples.map(({ bytes }) => bytes)),
    cpuMs: middle(samples.map(({ cpuMs }) => middle(cpuMs))),
  };
}
