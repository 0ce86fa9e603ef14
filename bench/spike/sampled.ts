import type { Span } from './late.ts';
import type { Sample, Sampled } from './result.ts';

/** Connections of all roles together; undefined if the sample was not read. */
export function openConnections({ connections }: Sample): number | undefined {
  return connections && Object.values(connections).reduce((sum, count) => sum + count, 0);
}

/** For comparisons: a sample that was not read is the last choice. */
export const connectionRank = (sample: Sample): number => openConnections(sample) ?? -1;

/**
 * How well a run was seen.
 * @param samples all of them, in order
 * @param outages times in which the run had stopped the database, so that nothing could be read
 */
export function sampledOf(samples: readonly Sample[], outages: readonly Span[]): Sampled {
  const whileUp = samples.filter(({ at }) => !outages.some(({ from, to }) => at >= from && at <= to));
  const gaps = samples.map(({ at }, index) => at - (samples[index - 1]?.at ?? at));
  return {
    count: samples.length,
    // Not Math.max(...gaps): a run has thousands.
    largestGapMs: Math.round(1000 * gaps.reduce((most, gap) => Math.max(most, gap), 0)),
    whileUp: whileUp.length,
    unread: whileUp.filter(({ connections }) => connections === undefined).length,
  };
}
