import { sinkNames } from '../domain/event.ts';
import { TransientFailure } from '../domain/failure.ts';
import { endStatuses } from '../domain/image.ts';
import { type ProblemCode, problems } from '../domain/problems.ts';

/** A metric: the possible values of its dimensions. */
interface Definition {
  dimensions: Readonly<Record<string, readonly string[]>>;
}

/**
 * All metrics of the functions. Alarms and dashboards refer to these names: never rename them. Dimensions have few
 * values, because CloudWatch bills each combination; tenants are none.
 */
export const metrics = {
  /** Images that got a row, by ticket or direct upload. */
  ImagesAdmitted: { dimensions: { Priority: ['normal', 'bulk'] } },
  /** Images refused by the backlog: why. */
  ImagesRefused: {
    dimensions: { Reason: ['share', 'unused_tickets', 'bulk', 'everyone'] },
  },
  /** Responses with a problem. */
  RequestsRefused: {
    dimensions: { Code: /* @__PURE__ */ Object.keys(problems) as ProblemCode[] },
  },
  /** Images that reached a final status. */
  ImagesEnded: { dimensions: { Status: endStatuses } },
  /** Changes of an environment of `process` between making all variants and only the cheapest. */
  BrownOut: { dimensions: { Change: ['entered', 'left'] } },
  /** Variants left for later during a brown-out, and made since. */
  VariantsDeferred: { dimensions: {} },
  VariantsCompleted: { dimensions: {} },
  /** Messages sent to the dead-letter queue by `process`. */
  MessagesDeadLettered: {
    dimensions: { Reason: ['failed', 'preset_gone', 'not_a_job'] },
  },
  /** Sandboxes that crashed, hung, did not start or were killed for exceeding a bound. */
  SandboxDeaths: { dimensions: {} },
  /** Lost messages that `sweep` sent again. */
  MessagesRequeued: { dimensions: {} },
  /** Invocations of `process` and `sweep` that found the database unavailable. The API counts its own by code. */
  DatabaseUnavailable: { dimensions: {} },
  /** Requests that met counters of quotas that were away: what became of them. */
  CountersUnavailable: { dimensions: { Outcome: ['admitted', 'refused'] } },
  /** Environments of `process` whose circuit breaker opened. */
  BreakerOpen: { dimensions: {} },
  /**
   * Share of its usual concurrency that an environment of `process` admits, in percent. Recorded for each batch while it is
   * below 100: each value is a sample, so its minimum and average have a meaning, its sum has none.
   */
  EffectiveConcurrency: { dimensions: {} },
  /** Events that all sinks have accepted. */
  EventsSent: { dimensions: {} },
  /** Lag of the relay after a run: unsent events, and the age of the first. Each value is a sample. */
  EventsUnsent: { dimensions: {} },
  EventsUnsentSeconds: { dimensions: {} },
  /** Runs of the relay in which a sink took nothing. */
  SinkAway: { dimensions: { Sink: sinkNames } },
  /** Events that a sink refused for good; they are in the queue RefusedEvents. */
  EventsRefused: { dimensions: { Sink: sinkNames } },
  /** Calls of webhooks that count as attempts. */
  WebhookCalls: { dimensions: { Result: ['delivered', 'failed'] } },
  /** Deliveries of webhooks given up after a day. */
  WebhookDeliveriesDead: { dimensions: {} },
  /** Endpoints of webhooks paused after repeated failures, or disabled by a 410. */
  WebhooksStopped: { dimensions: {} },
  /** Age of the oldest snapshot in the database, which keeps VACUUM from removing what was replaced since. A sample a minute. */
  OldestSnapshotSeconds: { dimensions: {} },
  /** Invocations of `process` and `sweep` that found S3 unavailable. */
  StorageUnavailable: { dimensions: {} },
} as const satisfies Record<string, Definition>;

export type MetricName = keyof typeof metrics;

/** Metrics that are no counts, with their unit in CloudWatch. */
export const units: Readonly<Partial<Record<MetricName, 'Percent' | 'Seconds'>>> = {
  EffectiveConcurrency: 'Percent',
  EventsUnsentSeconds: 'Seconds',
  OldestSnapshotSeconds: 'Seconds',
};

/** Metrics whose values are samples of a level, with the statistic for an alarm. Of the others it is their sum. */
export const levels: Readonly<Partial<Record<MetricName, 'Maximum' | 'Minimum'>>> = {
  EffectiveConcurrency: 'Minimum',
  EventsUnsent: 'Maximum',
  EventsUnsentSeconds: 'Maximum',
  OldestSnapshotSeconds: 'Maximum',
};

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
