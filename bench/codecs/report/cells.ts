import type { Quartiles } from '../analysis/quartiles.ts';

/** A ratio with its middle half, where that is not one number: `0.84 [0.80–0.91]`. */
export function ratio(value: Quartiles | undefined): string {
  if (value === undefined) return '–';
  const [lower, upper] = [shown(value.lower), shown(value.upper)];
  return lower === upper ? shown(value.median) : `${shown(value.median)} [${lower}–${upper}]`;
}

export function short(value: Quartiles | undefined): string {
  return value === undefined ? '–' : shown(value.median);
}

export function kilobytes(bytes: number): string {
  return `${significant(bytes / 1000)} kB`;
}

export function milliseconds(ms: number): string {
  return `${significant(ms)} ms`;
}

function shown(value: number): string {
  return value >= 9.95 ? value.toFixed(0) : value.toFixed(2);
}

function significant(value: number): string {
  return value >= 99.5 ? value.toFixed(0) : value.toPrecision(2);
}
