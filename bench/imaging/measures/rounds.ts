import type { Order, Run, Worker } from '../ways/worker.ts';

/** One way and its task, in turns with others. */
export interface Entry {
  name: string;
  worker: Worker;
  order: Order;
  /** Runs in every n-th round. */
  every: number;
}

/** The runs of each way by round; absent where it had no turn. */
export type Runs = ReadonlyMap<string, readonly (Run | undefined)[]>;

/** Number of rounds; none starts after `budgetMs`, but there are at least three. */
export interface Rounds {
  count: number;
  budgetMs?: number;
}
const fewest = 3;

/**
 * Runs all entries in turns, so that a noisy neighbour affects all alike, once unmeasured and then `count` times. Every
 * other round is reversed, so that no entry always follows the same one.
 */
export async function runRounds(
  entries: readonly Entry[],
  { count, budgetMs = Number.POSITIVE_INFINITY }: Rounds,
  say: (line: string) => void,
): Promise<Runs> {
  const runs = new Map(entries.map(({ name }) => [name, [] as (Run | undefined)[]]));
  const begun = performance.now();
  let told = begun;
  for (let round = -1; round < count; round++) {
    if (round >= fewest && performance.now() - begun > budgetMs) break;
    if (performance.now() - told > 2000 || round < 0) {
      say(round < 0 ? 'Warming up' : `Round ${round + 1} of ${count}`);
      told = performance.now();
    }
    for (const { name, worker, order, every } of round % 2 === 0 ? entries : entries.toReversed()) {
      if (round >= 0 && round % every !== 0) continue;
      const run = await worker.run(order);
      const own = runs.get(name);
      if (round >= 0 && own !== undefined) own[round] = run;
    }
  }
  return runs;
}

/**
 * CPU of one way divided by that of another, over the rounds that had both; undefined for none. Neighbours on the same
 * machine only ever add CPU time (shared caches and cores), so the cheaper half of the runs is compared: in 40 rounds on a
 * busy machine, cut into tens, such ratios were within 3 % of each other, those of medians within 6 %.
 */
export function cpuRatio(runs: Runs, name: string, reference: string): number | undefined {
  const [own = [], other = []] = [runs.get(name), runs.get(reference)];
  const both = (run: Run | undefined, round: number) =>
    run !== undefined && own[round] !== undefined && other[round] !== undefined;
  const [ownMs, otherMs] = [cpuOf(own.filter(both)), cpuOf(other.filter(both))];
  return ownMs === undefined || otherMs === undefined ? undefined : ownMs / otherMs;
}

/** Mean CPU of the cheaper half of the runs, in ms; undefined for none. */
export function cpuOf(runs: readonly (Run | undefined)[]): number | undefined {
  const taken = runs.flatMap((run) => (run === undefined ? [] : [run.cpuMs])).toSorted((a, b) => a - b);
  const cheaper = taken.slice(0, Math.ceil(taken.length / 2));
  return cheaper.length === 0 ? undefined : cheaper.reduce((a, b) => a + b) / cheaper.length;
}

export function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}
