/** 12345 as `12,345`. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** For axes: 950, `1.2k`, `12k`, `3M`. */
export function compact(value: number): string {
  const unit = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const;
  for (const [size, letter] of unit)
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${letter}`;
  return `${Number(value.toPrecision(3))}`;
}

/** Seconds of a time axis: `40 s`, `2 min`, `2:30`, `3 h`. */
export function clock(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  if (seconds % 3600 === 0) return `${seconds / 3600} h`;
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  return rest === 0 ? `${minutes} min` : `${minutes}:${String(rest).padStart(2, '0')}`;
}
