/** One level of a ladder. `score` may be of any judge, as long as more is better. */
export interface Rung {
  level: number;
  score: number;
  bytes: number;
  cpuMs: number;
}

/** What a ladder takes for a score. */
export interface AtScore {
  level: number;
  bytes: number;
  cpuMs: number;
  /** Even the lowest level is better than asked: it cannot be had for less. */
  better?: true;
}

/**
 * Interpolates a ladder at a score: bytes and CPU by their logarithms, the level linearly. A ladder whose score falls in
 * places is first made to rise by pooling neighbours (isotonic regression), so that it passes each score once.
 * @returns undefined where no level reaches the score
 */
export function atScore(ladder: readonly Rung[], score: number): AtScore | undefined {
  const rising = isotonic(ladder.toSorted((a, b) => a.level - b.level));
  const above = rising.findIndex((rung) => rung.score >= score);
  const next = rising[above];
  if (next === undefined) return undefined;
  const before = rising[above - 1];
  if (before === undefined) return cheapest(rising, score);
  const share = (score - before.score) / (next.score - before.score);
  const between = (one: number, other: number) => Math.exp(Math.log(one) + share * Math.log(other / one));
  return {
    level: before.level + share * (next.level - before.level),
    bytes: between(before.bytes, next.bytes),
    cpuMs: between(before.cpuMs, next.cpuMs),
  };
}

/** All levels are good enough; more levels of a palette, say, can be smaller than fewer. */
function cheapest(rising: readonly Rung[], score: number): AtScore {
  const least = rising.reduce((one, other) => (other.bytes < one.bytes ? other : one));
  const { level, bytes, cpuMs } = least;
  return least.score > score ? { level, bytes, cpuMs, better: true } : { level, bytes, cpuMs };
}

/** Pool adjacent violators: neighbours whose scores fall get their mean. */
function isotonic(ladder: readonly Rung[]): Rung[] {
  const pools: { sum: number; rungs: Rung[] }[] = [];
  const mean = ({ sum, rungs }: { sum: number; rungs: Rung[] }) => sum / rungs.length;
  for (const rung of ladder) {
    let pool = { sum: rung.score, rungs: [rung] };
    for (let last = pools.at(-1); last !== undefined && mean(last) > mean(pool); last = pools.at(-1)) {
      pools.pop();
      pool = { sum: last.sum + pool.sum, rungs: [...last.rungs, ...pool.rungs] };
    }
    pools.push(pool);
  }
  return pools.flatMap((pool) => pool.rungs.map((rung) => ({ ...rung, score: mean(pool) })));
}
