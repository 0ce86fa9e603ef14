/** The middle half of some values. */
export interface Quartiles {
  median: number;
  lower: number;
  upper: number;
}

/** @returns undefined for no values */
export function quartiles(values: readonly number[]): Quartiles | undefined {
  if (values.length === 0) return undefined;
  const at = (share: number) => quantile(values, share);
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) };
}

/** The value below which a share of some values lies, interpolated between neighbours. @returns NaN for no values */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  return below + (place % 1) * ((sorted[Math.ceil(place)] ?? Number.NaN) - below);
}

export function middle(values: readonly number[]): number {
  return quartiles(values)?.median ?? Number.NaN;
}
