import { type Dimensions, type MetricName, type Metrics, units } from './metrics.ts';

/** Namespace of the functions' metrics in CloudWatch. */
export const metricsNamespace = 'Sluice';

/**
 * Records metrics in CloudWatch's embedded metric format: a JSON line in the function's log each, which CloudWatch turns
 * into a metric without a request of ours. Each line is written at once, so that an environment that is killed has
 * recorded what it did. The first dimension is `Pipeline`.
 * @param pipeline value of that dimension, the variable METRICS_PIPELINE.
 */
export function embeddedMetrics(
  pipeline: string,
  { write = (line) => void process.stdout.write(line), now = Date.now }: Partial<Output> = {},
): Metrics {
  return {
    add<Name extends MetricName>(name: Name, dimensions: Dimensions<Name>, value = 1) {
      const all = { Pipeline: pipeline, ...dimensions };
      const directive = {
        Namespace: metricsNamespace,
        Dimensions: [Object.keys(all)],
        Metrics: [{ Name: name, Unit: units[name] ?? 'Count' }],
      };
      const _aws = { Timestamp: now(), CloudWatchMetrics: [directive] };
      write(`${JSON.stringify({ _aws, ...all, [name]: value })}\n`);
    },
  };
}

interface Output {
  write(line: string): void;
  /** Milliseconds since 1970. */
  now(): number;
}
