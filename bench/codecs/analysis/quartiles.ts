/** The middle half of some values. */
export interface Quartiles {
  median: number;
  lower: number;
  upper: number;
}

/** Interpolated between neighbours. @returns undefined for no values */
export function quartiles(values: readonly number[]): Quartiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const below = sorted[Math.floor(place)] as number;
    return below + (place % 1) * ((sorted[Math.ceil(place)] as number) - below);
  };
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

export function middle(values: readonly number[]): number {
  return quartiles(values)?.median ?? Number.NaN;
}
