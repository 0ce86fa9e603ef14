import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type pg from 'pg';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import type { Client } from '../../support/client.ts';
import type { CloudControls } from './cloud-controls.ts';

export type TargetKind = 'local' | 'localstack' | 'aws';

/** A line of a function's log, with the fields that the behaviours use. */
export interface LogLine {
  message: string;
  /** ISO 8601, to the millisecond. */
  timestamp: string;
  requestId?: string;
  imageId?: string;
  messageId?: string;
  milliseconds?: number;
}

/** A running Sluice: its public API, and inspection with the keys of an operator. */
export interface Target {
  kind: TargetKind;
  /** A producer of the tenant `tenant`. */
  client: Client;
  tenant: string;
  url: string;
  s3: S3Client;
  bucket: string;
  sqs: SQSClient;
  jobsQueueUrl: string;
  deadLettersUrl: string;
  /** As the superuser, outside the budget. */
  sql: pg.Pool;
  /** The configured cap. */
  maxConcurrency: number;
  /** A function's log since the target was opened. */
  log(name: FunctionName): Promise<LogLine[]>;
  /** Moves all messages from the dead-letter queue back to the jobs queue. */
  redrive(): Promise<void>;
  /** Operations on a deployment; absent for the local runner. */
  cloud?: CloudControls;
  close(): Promise<void>;
}
