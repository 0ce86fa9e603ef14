import type { ResolvedConfig } from '../lib/config/schema.ts';
import type { LocalTopic } from './kafka/local-topic.ts';
import type { StorageFaults } from './s3/faults.ts';

/** What load tests change. */
export interface LoadTestOptions {
  /** Faults of S3, to be changed while it runs. */
  storageFaults?: StorageFaults;
  /** Called for each object that S3 reports; true delivers its event twice, as S3 and Lambda may. */
  duplicateEvents?: () => boolean;
  /** False delivers in order of arrival, as SQS does for messages without a group. */
  fairDelivery?: boolean;
  /** Limit of simultaneous invocations for jobs, instead of `process.maxConcurrency`; removes the reserved concurrency. */
  mappingConcurrency?: number;
  /** Root of a project from which the functions are built; by default this one. */
  sources?: string;
}

export interface PipelineOptions extends LoadTestOptions {
  config: ResolvedConfig;
  /** Folder of all state; it survives restarts. */
  home: string;
  /** Port of the API and the page on 127.0.0.1; 0 takes a free one. */
  port: number;
  /** The local tenant's key; by default it is made at the first start and kept. */
  apiKey?: string;
  /** The events go to this topic, which the consumers read; by default they go to queues. */
  topic?: LocalTopic;
  /** Receives one line for each step. */
  onProgress(line: string): void;
  /** Cancels the start; parts that have started are stopped. */
  signal?: AbortSignal;
  /** False trades Postgres's durability for speed, for tests. */
  durable?: boolean;
  /** Interval of the sweep; by default a minute, as on AWS. */
  sweepEveryMs?: number;
}
