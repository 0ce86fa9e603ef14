import type { Machine } from '../imaging/report/machine.ts';
import { aligned, round } from '../table.ts';
import type { Way } from './measure.ts';
import { type WayName, wayNames } from './ways.ts';

export type Kind = 'small' | 'photographs';

export interface Seen extends Way {
  round: number;
  kind: Kind;
  way: WayName;
}

export interface Kept {
  promise: string;
  must: string;
  seen: string;
  kept: boolean;
}

export interface Result {
  rounds: number;
  /** Images of a round. */
  counts: Record<Kind, number>;
  storageMs: number;
  seen: Seen[];
  promises: Kept[];
  machine: Machine;
}

/** Medians over the rounds. */
interface Shape {
  perSecond: number;
  p50: number;
  p99: number;
  max: number;
  peakMb: number;
  cpuMs: number;
}

function shapeOf(seen: readonly Seen[], kind: Kind, way: WayName): Shape {
  const all = seen.filter((one) => one.kind === kind && one.way === way);
  const middle = (of: (one: Seen) => number) =>
    all.map(of).toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  return {
    perSecond: middle(({ images, ms }) => (1_000 * images) / ms),
    p50: middle(({ health }) => health.p50),
    p99: middle(({ health }) => health.p99),
    max: middle(({ health }) => health.max),
    peakMb: middle(({ peakMb }) => peakMb),
    cpuMs: middle(({ images, cpuMs }) => cpuMs / images),
  };
}

/** All against the way in whose place ours stands, in the same run. */
export function judge(seen: readonly Seen[]): Kept[] {
  const of = (kind: Kind, way: WayName) => shapeOf(seen, kind, way);
  const ratio = (kind: Kind, way: WayName, field: keyof Shape) =>
    of(kind, 'ours')[field] / of(kind, way)[field];
  const least = (promise: string, must: number, value: number): Kept => ({
    ...{ promise, must: `≥ ${must}`, seen: value.toFixed(2), kept: value >= must },
  });
  const most = (promise: string, must: number, value: number): Kept => ({
    ...{ promise, must: `≤ ${must}`, seen: value.toFixed(2), kept: value <= must },
  });
  return [
    least('small images a second, of one after the other', 1.5, ratio('small', 'sequential', 'perSecond')),
    least('photographs a second, of one after the other', 1, ratio('photographs', 'sequential', 'perSecond')),
    least('small images a second, of all at once', 0.8, ratio('small', 'allAtOnce', 'perSecond')),
    least('photographs a second, of all at once', 0.9, ratio('photographs', 'allAtOnce', 'perSecond')),
    most(
      'p99 of a health check with photographs, of all at once',
      0.5,
      ratio('photographs', 'allAtOnce', 'p99'),
    ),
    most('peak memory with photographs, of all at once', 0.7, ratio('photographs', 'allAtOnce', 'peakMb')),
  ];
}

const labels: Record<WayName, string> = {
  sequential: 'one after the other, in one process',
  sequentialLane: 'one after the other, beside a codec lane',
  allAtOnce: 'all at once, in one process',
  ours: 'ours: bounded I/O beside a codec lane',
};
const kinds: Record<Kind, string> = { small: '640 × 480', photographs: '12 megapixels' };

/** The result as tables for the terminal and for Markdown. */
export function resultTable({ seen, promises }: Result): string {
  const rows = (Object.keys(kinds) as Kind[]).flatMap((kind) =>
    wayNames.map((way) => {
      const { perSecond, p50, p99, max, peakMb, cpuMs } = shapeOf(seen, kind, way);
      const times = [p50, p99, max].map((ms) => round(ms, 1).toFixed(1));
      return [
        `${kinds[kind]}, ${labels[way]}`,
        perSecond.toFixed(2),
        ...times,
        peakMb.toFixed(0),
        cpuMs.toFixed(0),
      ];
    }),
  );
  return [
    ...aligned([
      ['worker', 'images a second', 'health p50 ms', 'p99 ms', 'longest', 'peak MB', 'CPU ms an image'],
      ...rows,
    ]),
    '',
    ...aligned([
      ['promise, as a ratio', 'must', 'seen', ''],
      ...promises.map(({ promise, must, seen, kept }) => [promise, must, seen, kept ? 'kept' : 'NOT KEPT']),
    ]),
  ].join('\n');
}

export function resultPage(result: Result): string {
  return resultTable(result);
}
