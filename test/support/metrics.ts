import { metrics as known, type Metrics } from '../../lambda/runtime/metrics.ts';

/** One value that was recorded. */
export interface Recorded {
  name: string;
  dimensions: Record<string, string>;
  value: number;
}

/** Records metrics. @throws RangeError (from `add`) for a name, dimension or value that is not in the list */
export function recordMetrics(): { metrics: Metrics; recorded: Recorded[] } {
  const recorded: Recorded[] = [];
  const add = (name: string, dimensions: Record<string, string>, value = 1) => {
    const listed: Record<string, readonly string[]> | undefined = (
      known as Record<string, { dimensions: Record<string, readonly string[]> }>
    )[name]?.dimensions;
    if (listed === undefined) throw new RangeError(`no metric is named ${name}`);
    if (Object.keys(listed).sort().join() !== Object.keys(dimensions).sort().join())
      throw new RangeError(`${name} has the dimensions ${Object.keys(listed).join()}`);
    for (const [dimension, given] of Object.entries(dimensions))
      if (!listed[dimension]?.includes(given)) throw new RangeError(`${given} is no ${dimension} of ${name}`);
    if (!Number.isFinite(value)) throw new RangeError(`${name} is ${value}`);
    recorded.push({ name, dimensions, value });
  };
  // With strings, so that a test can also give what the type forbids.
  return { metrics: { add: add as Metrics['add'] }, recorded };
}
