import type { Scores } from '../equal/search.ts';

/** Scores of the two formats of one size of one photograph. */
export interface Pair {
  photograph: string;
  preset: string;
  /** The format beside JPEG. */
  format: string;
  score: number;
  jpeg: number;
}

/** How far apart the two formats of one picture are, over all pictures and sizes. */
export interface Pairs {
  photographs: number;
  all: Pair[];
  /** Sizes of which the JPEG is smaller at the same score, and serves alone. */
  alone: number;
  median: number;
  p90: number;
}

/** The scores of the default variants of each photograph. */
export function pairsIn(photographs: readonly { photograph: string; defaults: Scores }[]): Pairs | undefined {
  if (photographs.length === 0) return undefined;
  const all = photographs.flatMap(({ photograph, defaults }) => pairsOf(photograph, defaults));
  const jpegs = photographs.flatMap(({ defaults }) =>
    Object.keys(defaults).filter((variant) => variant.endsWith('.jpeg')),
  );
  return { photographs: photographs.length, all, alone: jpegs.length - all.length, ...spread(all) };
}

/** Of each JPEG that has another file beside it. */
export function pairsOf(photograph: string, scores: Scores): Pair[] {
  return Object.entries(scores).flatMap(([variant, jpeg]) => {
    const [preset = '', kind] = variant.split('.');
    if (kind !== 'jpeg') return [];
    const other = Object.entries(scores).find(([name]) => name !== variant && name.startsWith(`${preset}.`));
    if (other === undefined) return [];
    return { photograph, preset, format: other[0].slice(preset.length + 1), score: other[1], jpeg };
  });
}

/** Of the absolute differences: the median, and what nine in ten do not exceed. */
export function spread(pairs: readonly Pair[]): { median: number; p90: number } {
  const sorted = pairs.map(({ score, jpeg }) => Math.abs(score - jpeg)).toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { median: at(0.5), p90: at(0.9) };
}
