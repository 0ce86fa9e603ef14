import type { Sample } from './result.ts';
import { connectionRank } from './sampled.ts';

/** Thins samples for the file: the extremes of each span are kept. */
export function thinned(samples: readonly Sample[], most: number): Sample[] {
  if (samples.length <= most) return [...samples];
  const spans = Math.floor(most / 3);
  const size = samples.length / spans;
  const kept = new Set<Sample>();
  for (let span = 0; span < spans; span++) {
    const part = samples.slice(Math.floor(span * size), Math.floor((span + 1) * size));
    const [first] = part;
    if (first === undefined) continue;
    kept.add(first);
    kept.add(part.reduce((best, one) => (connectionRank(one) > connectionRank(best) ? one : best)));
    kept.add(part.reduce((best, one) => (one.executions > best.executions ? one : best)));
  }
  return [...kept].sort((a, b) => a.at - b.at);
}
