import { aligned, median, round } from '../table.ts';
import type { Load, Seen } from './measure.ts';
import { type WayName, wayNames } from './ways.ts';

/** All rounds of a load: their median rate; p50 and p99 in milliseconds; retries, lost edits and those beyond five attempts as shares of the edits. */
export interface Cell extends Load {
  edits: number;
  perSecond: number;
  p50: number;
  p99: number;
  retries: number;
  beyondFive: number;
  lost: number;
}

export interface Kept {
  promise: string;
  must: string;
  seen: string;
  kept: boolean;
}

export interface Result {
  rounds: number;
  roundMs: number;
  cells: Cell[];
  promises: Kept[];
  machine: { processor: string; node: string };
}

/** Adds up the rounds of one load. */
export function cellOf(seen: readonly Seen[]): Cell {
  const [first] = seen;
  if (first === undefined) throw new RangeError('no round');
  const { way, writers, rows, roundTripMs, thinkMs } = first;
  const sum = (of: (one: Seen) => number) => seen.reduce((all, one) => all + of(one), 0);
  const latencies = seen.flatMap((one) => one.latencies).toSorted((a, b) => a - b);
  const at = (part: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(part * latencies.length))] ?? 0;
  const edits = latencies.length;
  return {
    ...{ way, writers, rows, roundTripMs, thinkMs, edits },
    perSecond: median(seen.map((one) => one.latencies.length / one.seconds)),
    p50: round(at(0.5), 1),
    p99: round(at(0.99), 1),
    retries: round(sum(({ retries }) => retries) / edits, 3),
    beyondFive: round(sum(({ beyondFive }) => beyondFive) / edits, 4),
    lost: round(sum(({ lost }) => lost) / edits, 4),
  };
}

/** What the rule of thumb says, against the other ways in the same run. */
export function judge(cells: readonly Cell[]): Kept[] {
  const of = (way: WayName, writers: number, rows: number, thinkMs = 0): Cell => {
    const found = cells.find(
      (one) => one.way === way && one.writers === writers && one.rows === rows && one.thinkMs === thinkMs,
    );
    if (found === undefined) throw new RangeError(`${way} was not measured`);
    return found;
  };
  const least = (promise: string, must: number, value: number): Kept => ({
    ...{ promise, must: `≥ ${must}`, seen: value.toFixed(2), kept: value >= must },
  });
  const speed = (way: WayName, other: WayName, writers: number, rows: number, thinkMs?: number) =>
    of(way, writers, rows, thinkMs).perSecond / of(other, writers, rows, thinkMs).perSecond;
  const safe = cells.filter(({ way }) => way !== 'unchecked');
  const lost = safe.reduce((sum, one) => sum + one.lost, 0);
  return [
    { promise: 'edits lost with a check or a lock', must: '0', seen: String(lost), kept: lost === 0 },
    // With 64 writers the processors of a small machine are the limit, and not the locks.
    least('version against row lock, 16 writers on 1,000 rows', 1.2, speed('version', 'rowLock', 16, 1_000)),
    least('version against one giant lock, the same', 5, speed('version', 'giantLock', 16, 1_000)),
    least('row lock against one giant lock, the same', 4, speed('rowLock', 'giantLock', 16, 1_000)),
    least('version against row lock, one writer', 1.2, speed('version', 'rowLock', 1, 1_000)),
    least(
      'p99 of version against row lock, 64 writers on one row',
      1.2,
      of('version', 64, 1).p99 / of('rowLock', 64, 1).p99,
    ),
    least(
      'one statement against version, 64 writers on one row',
      1.2,
      speed('oneStatement', 'version', 64, 1),
    ),
  ];
}

const labels: Record<WayName, string> = {
  unchecked: 'unchecked',
  version: 'version',
  rowLock: 'row lock',
  giantLock: 'giant lock',
  oneStatement: 'one statement',
};

/** The result as tables for the terminal and for Markdown. */
export function resultTable({ cells, promises }: Result): string {
  const percent = (share: number) => (share === 0 ? '0' : `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`);
  const rows = cells.map((cell) => [
    `${cell.writers} on ${cell.rows.toLocaleString('en')}`,
    String(cell.thinkMs),
    labels[cell.way],
    cell.perSecond.toFixed(0),
    cell.p50.toFixed(1),
    cell.p99.toFixed(1),
    cell.way === 'version' ? cell.retries.toFixed(2) : '',
    cell.way === 'version' ? percent(cell.beyondFive) : '',
    percent(cell.lost),
  ]);
  const head = ['writers on rows', 'decides for ms', 'way', 'edits/s', 'p50 ms', 'p99 ms'];
  return [
    ...aligned([[...head, 'retries an edit', '> 5 attempts', 'lost'], ...rows]),
    '',
    ...aligned([
      ['promise, as a ratio', 'must', 'seen', ''],
      ...promises.map(({ promise, must, seen, kept }) => [promise, must, seen, kept ? 'kept' : 'NOT KEPT']),
    ]),
  ].join('\n');
}

/** Ways that are measured for decisions that take so long: one statement decides nothing outside the database. */
export const waysFor = (thinkMs: number): readonly WayName[] =>
  thinkMs === 0 ? wayNames : wayNames.filter((way) => way !== 'oneStatement' && way !== 'unchecked');
