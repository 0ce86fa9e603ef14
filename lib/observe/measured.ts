import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { ImageApi } from '../api/rest-api.ts';
import type { PipelineFunctions } from '../compute/pipeline-functions.ts';
import type { DatabaseSettings } from '../data/connection.ts';
import type { FailedUploadEvents } from '../queue/failed-upload-events.ts';
import type { JobsQueue } from '../queue/jobs-queue.ts';

/**
 * What CloudWatch knows of a pipeline, as metrics for alarms and dashboards. Over five minutes unless told; the statistic
 * is the one that an alarm wants: the worst of a level, the sum of events, the 99th percentile of a time.
 */
export abstract class MeasuredPipeline extends Construct {
  abstract readonly api: ImageApi;
  abstract readonly functions: PipelineFunctions;
  abstract readonly jobs: JobsQueue;
  abstract readonly failedUploadEvents: FailedUploadEvents;
  abstract readonly database: DatabaseSettings;

  /** Jobs that wait. */
  metricJobsWaiting(options?: MetricOptions): Metric {
    return this.jobs.queue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Jobs that are in work, or hidden until they are tried again. */
  metricJobsInFlight(options?: MetricOptions): Metric {
    return this.jobs.queue.metricApproximateNumberOfMessagesNotVisible(options);
  }

  /** Seconds that the oldest job has waited; SQS drops it after four days. */
  metricOldestJob(options?: MetricOptions): Metric {
    return this.jobs.queue.metricApproximateAgeOfOldestMessage(options);
  }

  /** Jobs that nobody could do. Each wants a person within 14 days of its upload. */
  metricDeadLetters(options?: MetricOptions): Metric {
    return this.jobs.deadLetters.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Upload events that `enqueue` could not pass on; `sweep` finds their uploads later. */
  metricFailedUploadEvents(options?: MetricOptions): Metric {
    return this.failedUploadEvents.queue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Requests to the API. */
  metricRequests(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricCount({ statistic: 'Sum', ...options });
  }

  /** Answers of 400 to 499, those of the gateway and the firewall among them. */
  metricClientErrors(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricClientError(options);
  }

  /** Answers of 500 to 599. */
  metricServerErrors(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricServerError(options);
  }

  /** Milliseconds from a request to the end of its answer. */
  metricLatency(options?: MetricOptions): Metric {
    return this.api.restApi.deploymentStage.metricLatency({ statistic: 'p99', ...options });
  }

  /** Batches that `process` lost as a whole: it crashed or ran out of time or memory. */
  metricProcessErrors(options?: MetricOptions): Metric {
    return this.functions.process.function.metricErrors(options);
  }

  /** Batches for which there was no room. */
  metricProcessThrottles(options?: MetricOptions): Metric {
    return this.functions.process.function.metricThrottles(options);
  }

  /** Executions of `process` at once; at `process.maxConcurrency` jobs wait. */
  metricProcessConcurrency(options?: MetricOptions): Metric {
    return this.functions.process.function.metric('ConcurrentExecutions', {
      statistic: 'Maximum',
      ...options,
    });
  }

  /** Milliseconds of a batch. */
  metricProcessDuration(options?: MetricOptions): Metric {
    return this.functions.process.function.metricDuration({ statistic: 'p99', ...options });
  }

  /** Connections that the server holds. Undefined where the app does not know the server. */
  metricDatabaseConnections(options?: MetricOptions): Metric | undefined {
    return this.#ofServer('DatabaseConnections', { statistic: 'Maximum', ...options });
  }

  /** Percent of the server's processors. Undefined where the app does not know the server. */
  metricDatabaseCpu(options?: MetricOptions): Metric | undefined {
    return this.#ofServer('CPUUtilization', options);
  }

  /** Bytes that are free. Undefined with Aurora, whose storage has no end, and where the app does not know the server. */
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
