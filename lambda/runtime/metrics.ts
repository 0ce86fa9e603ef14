import { sinkNames } from '../domain/event.ts';
import { TransientFailure } from '../domain/failure.ts';
import { endStatuses } from '../domain/image.ts';
import { type ProblemCode, problems } from '../domain/problems.ts';

/**
 * A metric: its CloudWatch unit, the statistic for an alarm (of levels, whose values are samples, an extreme), and the
 * possible values of its dimensions.
 */
interface Definition {
  unit: 'Count' | 'Percent' | 'Seconds';
  statistic: 'Sum' | 'Maximum' | 'Minimum';
  dimensions: Readonly<Record<string, readonly string[]>>;
}

/**
 * All metrics of the functions. Alarms and dashboards refer to these names: never rename them. Dimensions have few
 * values, because CloudWatch bills each combination; tenants are none.
 */
export const metrics = {
  /** Images that got a row, by ticket or direct upload. */
  ImagesAdmitted: { unit: 'Count', statistic: 'Sum', dimensions: { Priority: ['normal', 'bulk'] } },
  /** Images refused by the backlog: why. */
  ImagesRefused: {
    unit: 'Count',
    statistic: 'Sum',
    dimensions: { Reason: ['share', 'unused_tickets', 'bulk', 'everyone'] },
  },
  /** Responses with a problem. */
  RequestsRefused: {
    unit: 'Count',
    statistic: 'Sum',
    dimensions: { Code: Object.keys(problems) as ProblemCode[] },
  },
  /** Images that reached a final status. */
  ImagesEnded: { unit: 'Count', statistic: 'Sum', dimensions: { Status: endStatuses } },
  /** Changes of an environment of `process` between making all variants and only the cheapest. */
  BrownOut: { unit: 'Count', statistic: 'Sum', dimensions: { Change: ['entered', 'left'] } },
  /** Variants left for later during a brown-out, and made since. */
  VariantsDeferred: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  VariantsCompleted: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /** Messages sent to the dead-letter queue by `process`. */
  MessagesDeadLettered: {
    unit: 'Count',
    statistic: 'Sum',
    dimensions: { Reason: ['failed', 'preset_gone', 'not_a_job'] },
  },
  /** Sandboxes that crashed, hung, did not start or were killed for exceeding a bound. */
  SandboxDeaths: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /** Lost messages that `sweep` sent again. */
  MessagesRequeued: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /** Invocations of `process` and `sweep` that found the database unavailable. The API counts its own by code. */
  DatabaseUnavailable: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /** Requests that met counters of quotas that were away: what became of them. */
  CountersUnavailable: { unit: 'Count', statistic: 'Sum', dimensions: { Outcome: ['admitted', 'refused'] } },
  /** Environments of `process` whose circuit breaker opened. */
  BreakerOpen: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /**
   * Share of its usual concurrency that an environment of `process` admits, in percent. Recorded for each batch while it is
   * below 100: each value is a sample, so its minimum and average have a meaning, its sum has none.
   */
  EffectiveConcurrency: { unit: 'Percent', statistic: 'Minimum', dimensions: {} },
  /** Events that all sinks have accepted. */
  EventsSent: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /** Lag of the relay after a run: unsent events, and the age of the first. Each value is a sample. */
  EventsUnsent: { unit: 'Count', statistic: 'Maximum', dimensions: {} },
  EventsUnsentSeconds: { unit: 'Seconds', statistic: 'Maximum', dimensions: {} },
  /** Runs of the relay in which a sink took nothing. */
  SinkAway: { unit: 'Count', statistic: 'Sum', dimensions: { Sink: sinkNames } },
  /** Events that a sink refused for good; they are in the queue RefusedEvents. */
  EventsRefused: { unit: 'Count', statistic: 'Sum', dimensions: { Sink: sinkNames } },
  /** Calls of webhooks that count as attempts. */
  WebhookCalls: { unit: 'Count', statistic: 'Sum', dimensions: { Result: ['delivered', 'failed'] } },
  /** Deliveries of webhooks given up after a day. */
  WebhookDeliveriesDead: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /** Endpoints of webhooks paused after repeated failures, or disabled by a 410. */
  WebhooksStopped: { unit: 'Count', statistic: 'Sum', dimensions: {} },
  /** Age of the oldest snapshot in the database, which keeps VACUUM from removing what was replaced since. A sample a minute. */
  OldestSnapshotSeconds: { unit: 'Seconds', statistic: 'Maximum', dimensions: {} },
  /** Invocations of `process` and `sweep` that found S3 unavailable. */
  StorageUnavailable: { unit: 'Count', statistic: 'Sum', dimensions: {} },
} as const satisfies Record<string, Definition>;

export type MetricName = keyof typeof metrics;

/** A value for each dimension of a metric. */
export type Dimensions<Name extends MetricName> = {
  readonly [Key in keyof (typeof metrics)[Name]['dimensions']]: (typeof metrics)[Name]['dimensions'][Key] extends readonly (infer Value)[]
    ? Value
    : never;
};

/** Records metrics. Passed to functions, never global. */
export interface Metrics {
  /** Adds to a metric; 1 unless given. Never throws and never waits. */
  add<Name extends MetricName>(name: Name, dimensions: Dimensions<Name>, value?: number): void;
}

/** Records nothing. */
export const silentMetrics: Metrics = { add() {} };

/** Records once each what these errors of an invocation found unavailable. */
export function countOutages(errors: readonly unknown[], metrics: Metrics): void {
  const codes = errors.map((error) => (error instanceof TransientFailure ? error.code : undefined));
  if (codes.includes('database_unavailable')) metrics.add('DatabaseUnavailable', {});
  if (codes.includes('storage_unavailable')) metrics.add('StorageUnavailable', {});
}
