import { atScore } from '../analysis/interpolate.ts';
import type { Observation } from './observe.ts';

/** The level of an observation that gives a score; the nearest that was tried where none does. */
export function levelAt({ levels }: Observation, score: number): number {
  const rungs = levels.map(([level, seen, bytes]) => ({ level, score: seen, bytes, cpuMs: 1 }));
  return atScore(rungs, score)?.level ?? Math.max(...levels.map(([level]) => level));
}

/** The score of a level, linearly between those that were tried; that of the nearest beyond them. */
export function scoreAt({ levels }: Observation, level: number): number {
  const above = levels.find(([one]) => one >= level) ?? levels.at(-1);
  const below = levels.findLast(([one]) => one <= level) ?? levels[0];
  if (above === undefined || below === undefined) return Number.NaN;
  if (above[0] <= below[0]) return above[1];
  return below[1] + ((level - below[0]) / (above[0] - below[0])) * (above[1] - below[1]);
}

/** How fast the score rises around the level of a score, in points a level; a plateau counts as a fifth. */
export function slopeAt(observation: Observation, score: number): number {
  const level = levelAt(observation, score);
  const [low, high] = [Math.max(1, level - 5), Math.min(100, level + 5)];
  return Math.max(0.2, (scoreAt(observation, high) - scoreAt(observation, low)) / (high - low));
}
