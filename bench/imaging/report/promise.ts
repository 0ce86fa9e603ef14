import { aligned, round } from '../../table.ts';

/** One line of the table of promises. `seen` is the measured value; where absent, `why` has the reason. */
export interface Promised {
  measure: string;
  /** Less is better for all except dB. Points are those of SSIMULACRA2. */
  unit: '' | 'dB' | 'points' | 'MB' | '%' | 'kB' | 'ms';
  seen?: number | undefined;
  must?: number;
  aim?: number;
  why?: string | undefined;
}

/** True where it has no bound, or was measured and holds. Unmeasured ones break no promise. */
export function holds({ unit, seen, must }: Promised): boolean {
  return seen === undefined || must === undefined || reaches(unit, seen, must);
}

function reaches(unit: Promised['unit'], seen: number, bound: number): boolean {
  return unit === 'dB' ? seen >= bound : seen <= bound;
}

export function verdict(promised: Promised): string {
  const { unit, seen, must, aim, why } = promised;
  if (seen === undefined) return `not measured${why === undefined ? '' : `: ${why}`}`;
  if (!holds(promised)) return 'DOES NOT HOLD';
  const aimed = aim === undefined ? undefined : reaches(unit, seen, aim);
  if (must === undefined) return aimed === true ? 'aim reached' : 'aim not reached';
  return aimed === true ? 'holds, aim reached' : 'holds';
}

/** The table of promises with the measured values, for terminal and Markdown. */
export function promiseTable(all: readonly Promised[]): string {
  const bound = (unit: Promised['unit'], value: number | undefined) =>
    value === undefined ? '' : `${unit === 'dB' ? '≥' : '≤'} ${shown(unit, value)}`;
  return aligned([
    ['measure', 'must', 'aim', 'seen', 'verdict'],
    ...all.map((promised) => [
      promised.measure,
      bound(promised.unit, promised.must),
      bound(promised.unit, promised.aim),
      promised.seen === undefined ? '' : shown(promised.unit, promised.seen),
      verdict(promised),
    ]),
  ]).join('\n');
}

function shown(unit: Promised['unit'], value: number): string {
  const digits = unit === '' ? 3 : unit === 'MB' || unit === 'kB' ? 0 : 1;
  return `${round(value, digits)}${unit === '' ? '' : ` ${unit}`}`;
}
