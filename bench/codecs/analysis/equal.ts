import type { Measured, Sample } from '../samples.ts';
import { reference } from '../settings.ts';
import { grouped, type KindOrGroup, sizesOf } from './groups.ts';
import { type AtScore, atScore, type Rung } from './interpolate.ts';
import { middle, type Quartiles, quartiles } from './quartiles.ts';

export const targets = [60, 70, 80] as const;
export type Target = (typeof targets)[number];

/** What a setting takes for a score, over the pictures of a kind at a size. */
export interface Equal {
  setting: string;
  kind: KindOrGroup;
  size: Measured['size'];
  score: Target;
  /**
   * Pictures that it was measured on, those that reach the score, those of them on which WebP effort 4 reaches it too, and
   * those that are better at its lowest level.
   */
  pictures: number;
  reached: number;
  compared: number;
  better: number;
  /** Medians of the pictures that reach it; absent where none does. */
  level?: number;
  bytes?: number;
  cpuMs?: number;
  /** Against WebP effort 4 at the same score of the same picture; absent where no picture has both. */
  bytesRatio?: Quartiles;
  cpuRatio?: Quartiles;
  /** The same by the second judge: at the distance that WebP effort 4 has at this score. */
  secondBytesRatio?: Quartiles;
}

/** One setting on one picture. */
interface OnPicture {
  own?: AtScore | undefined;
  reference?: AtScore | undefined;
  second?: AtScore | undefined;
}

export function equalScores(measured: readonly Measured[]): Equal[] {
  const found: Equal[] = [];
  for (const size of sizesOf(measured))
    for (const [kind, all] of grouped(measured.filter((one) => one.size === size)))
      for (const setting of new Set(all.flatMap(({ samples }) => samples.map((sample) => sample.setting))))
        for (const score of targets) {
          const on = all.flatMap((one) => onPicture(one, setting, score) ?? []);
          found.push({ setting, kind, size, score, ...summary(on) });
        }
  return found;
}

function onPicture({ samples }: Measured, setting: string, score: number): OnPicture | undefined {
  const own = samples.filter((sample) => sample.setting === setting);
  if (own.length === 0) return undefined;
  const others = samples.filter((sample) => sample.setting === reference);
  const base = atScore(others.map(rung), score);
  const anchor = base?.better ? undefined : nearnessAt(others, score);
  return {
    own: atScore(own.map(rung), score),
    reference: base,
    second: anchor === undefined ? undefined : atScore(own.flatMap(nearness), anchor),
  };
}

function summary(on: readonly OnPicture[]) {
  const reached = on.flatMap(({ own }) => own ?? []);
  const ratios = (of: (one: OnPicture) => AtScore | undefined, value: 'bytes' | 'cpuMs') =>
    quartiles(
      on.flatMap((one) => {
        const [above, below] = [of(one)?.[value], one.reference?.[value]];
        return above === undefined || below === undefined ? [] : [above / below];
      }),
    );
  const present = <Name extends string>(name: Name, value: Quartiles | undefined) =>
    (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Quartiles };
  const over = (of: (one: AtScore) => number) => middle(reached.map(of));
  const medians = {
    level: over(({ level }) => level),
    bytes: over(({ bytes }) => bytes),
    cpuMs: over(({ cpuMs }) => cpuMs),
  };
  return {
    pictures: on.length,
    reached: reached.length,
    compared: on.filter((one) => one.own !== undefined && one.reference !== undefined).length,
    better: reached.filter(({ better }) => better).length,
    ...(reached.length === 0 ? {} : medians),
    ...present(
      'bytesRatio',
      ratios(({ own }) => own, 'bytes'),
    ),
    ...present(
      'cpuRatio',
      ratios(({ own }) => own, 'cpuMs'),
    ),
    ...present(
      'secondBytesRatio',
      ratios(({ second }) => second, 'bytes'),
    ),
  };
}

function rung({ level, score, bytes, cpuMs }: Sample): Rung {
  return { level, score, bytes, cpuMs: middle(cpuMs) };
}

/** A rung of the second judge, whose distance falls with quality. */
function nearness(sample: Sample): Rung[] {
  return sample.distance === undefined ? [] : [{ ...rung(sample), score: -sample.distance }];
}

/** The nearness by the second judge where the first gives this score. */
function nearnessAt(samples: readonly Sample[], score: number): number | undefined {
  const judged = samples.filter(({ distance }) => distance !== undefined);
  // The second judge takes the place of the bytes, which are interpolated by their logarithm.
  const rungs = judged.map((sample) => ({ ...rung(sample), bytes: Math.max(sample.distance ?? 0, 1e-6) }));
  const found = atScore(rungs, score);
  return found === undefined || found.better ? undefined : -found.bytes;
}
