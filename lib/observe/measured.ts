import { Duration } from 'aws-cdk-lib';
import { type Alarm, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricsNamespace } from '../../lambda/runtime/embedded-metrics.ts';
import { levels, type MetricName, metrics } from '../../lambda/runtime/metrics.ts';
import type { ImageApi } from '../api/rest-api.ts';
import type { PipelineFunctions } from '../compute/pipeline-functions.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import { pipelineName } from '../naming/pipeline-name.ts';
import type { FailedUploadEvents } from '../queue/failed-upload-events.ts';
import type { JobsQueue } from '../queue/jobs-queue.ts';
import type { ConsumerLag } from './consumer-lag.ts';

/**
 * CloudWatch metrics of a pipeline, for alarms and dashboards. By default over five minutes, with the statistic for an
 * alarm: maximum of a level, sum of events, 99th percentile of a time.
 */
export abstract class MeasuredPipeline extends Construct {
  abstract readonly api: ImageApi;
  abstract readonly functions: PipelineFunctions;
  abstract readonly jobs: JobsQueue;
  abstract readonly failedUploadEvents: FailedUploadEvents;
  abstract readonly database: DatabaseSettings;
  protected abstract readonly consumerLag: ConsumerLag;

  /**
   * A metric that the functions record themselves (docs/operations.md, "Metrics of the functions").
   * @param dimensions one value of each that the metric has, such as `{ Sink: 'webhooks' }`.
   * @throws RangeError for others: CloudWatch would have no values, and an alarm would stay silent.
   */
  metric(
    name: MetricName,
    dimensions: Readonly<Record<string, string>> = {},
    options?: MetricOptions,
  ): Metric {
    checkDimensions(name, dimensions);
    return new Metric({
      namespace: metricsNamespace,
      metricName: name,
      dimensionsMap: { Pipeline: pipelineName(this), ...dimensions },
      statistic: levels[name] ?? 'Sum',
      period: Duration.minutes(5),
      ...options,
    }).attachTo(this);
  }

  /** Jobs waiting. */
  metricJobsWaiting(options?: MetricOptions): Metric {
    return this.jobs.queue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Jobs in progress, or hidden until their retry. */
  metricJobsInFlight(options?: MetricOptions): Metric {
    return this.jobs.queue.metricApproximateNumberOfMessagesNotVisible(options);
  }

  /** Age of the oldest job in seconds; SQS drops it after four days. */
  metricOldestJob(options?: MetricOptions): Metric {
    return this.jobs.queue.metricApproximateAgeOfOldestMessage(options);
  }

  /** Jobs that failed for good. Each needs attention within 14 days of its upload. */
  metricDeadLetters(options?: MetricOptions): Metric {
    return this.jobs.deadLetters.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Upload events that `enqueue` could not forward; `sweep` finds their uploads later. */
  metricFailedUploadEvents(options?: MetricOptions): Metric {
    return this.failedUploadEvents.queue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** The alarms of the consumers of events: one that is behind for 15 minutes. They notify `deploy.alarmTopicArn`. */
  get consumerAlarms(): Readonly<Record<'analytics' | 'audit', Alarm>> {
    return this.consumerLag.alarms;
  }

  /** How far `analytics` is behind: seconds of the oldest event in its queue, with Kafka the number of events. */
  metricAnalyticsLag(options?: MetricOptions): Metric {
    return this.consumerLag.metric('analytics', options);
  }

  /** How far `audit` is behind: seconds of the oldest event in its queue, with Kafka the number of events. */
  metricAuditLag(options?: MetricOptions): Metric {
    return this.consumerLag.metric('audit', options);
  }

  /** Requests to the API. */
  metricRequests(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricCount({ statistic: 'Sum', ...options });
  }

  /** Responses of 400 to 499, including those of gateway and firewall. */
  metricClientErrors(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricClientError(options);
  }

  /** Responses of 500 to 599. */
  metricServerErrors(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricServerError(options);
  }

  /** Milliseconds from a request to the end of its response. */
  metricLatency(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricLatency({ statistic: 'p99', ...options });
  }

  /** Batches that `process` lost as a whole: it crashed or ran out of time or memory. */
  metricProcessErrors(options?: MetricOptions): Metric {
    return this.functions.process.function.metricErrors(options);
  }

  /** Throttled batches. */
  metricProcessThrottles(options?: MetricOptions): Metric {
    return this.functions.process.function.metricThrottles(options);
  }

  /** Concurrent executions of `process`; at `process.maxConcurrency` jobs wait. */
  metricProcessConcurrency(options?: MetricOptions): Metric {
    return this.functions.process.function.metric('ConcurrentExecutions', {
      statistic: 'Maximum',
      ...options,
    });
  }

  /** Milliseconds per batch. */
  metricProcessDuration(options?: MetricOptions): Metric {
    return this.functions.process.function.metricDuration({ statistic: 'p99', ...options });
  }

  /** Open connections of the server. Undefined if the app does not know the server. */
  metricDatabaseConnections(options?: MetricOptions): Metric | undefined {
    return this.#ofServer('DatabaseConnections', { statistic: 'Maximum', ...options });
  }

  /** CPU utilisation of the server in percent. Undefined if the app does not know the server. */
  metricDatabaseCpu(options?: MetricOptions): Metric | undefined {
    return this.#ofServer('CPUUtilization', options);
  }

  /** Free bytes. Undefined for Aurora, whose storage is unlimited, and if the app does not know the server. */
  metricDatabaseFreeStorage(options?: MetricOptions): Metric | undefined {
    const { server } = this.database;
    if (server === undefined || !('instanceIdentifier' in server)) return undefined;
    return this.#ofServer('FreeStorageSpace', { statistic: 'Minimum', ...options });
  }

  #ofServer(metricName: string, options?: MetricOptions): Metric | undefined {
    const { server } = this.database;
    if (server === undefined) return undefined;
    return new Metric({
      namespace: 'AWS/RDS',
      metricName,
      dimensionsMap:
        'instanceIdentifier' in server
          ? { DBInstanceIdentifier: server.instanceIdentifier }
          : { DBClusterIdentifier: server.clusterIdentifier },
      period: Duration.minutes(5),
      ...options,
    }).attachTo(this);
  }
}

function checkDimensions(name: MetricName, given: Readonly<Record<string, string>>): void {
  const known: Readonly<Record<string, readonly string[]>> = metrics[name].dimensions;
  const mistaken =
    Object.keys(given).length !== Object.keys(known).length ||
    Object.entries(known).some(([dimension, values]) => !values.includes(given[dimension] ?? ''));
  if (!mistaken) return;
  const wanted = Object.entries(known).map(([dimension, values]) => `${dimension} (${values.join(', ')})`);
  throw new RangeError(`${name} has ${wanted.length === 0 ? 'no dimensions' : wanted.join(' and ')}`);
}
