import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type pg from 'pg';
import type { FunctionName } from '../../../lib/catalogue/catalogue.ts';
import type { Client } from '../../support/client.ts';
import type { CloudControls } from './cloud-controls.ts';

export type TargetKind = 'local' | 'localstack' | 'aws';

/** One line that a function logged, with the fields that the behaviours look at. */
export interface LogLine {
  message: string;
  /** ISO 8601, to the millisecond. */
  timestamp: string;
  requestId?: string;
  imageId?: string;
  messageId?: string;
  milliseconds?: number;
}

/** A running Sluice as the suite sees it: its front door, and what a person with the right keys could look at. */
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
  /** The cap, as it is configured. */
  maxConcurrency: number;
  /** All that a function has logged since the target is there. */
  log(name: FunctionName): Promise<LogLine[]>;
  /** Moves everything from the dead-letter queue back to the queue it came from. */
  redrive(): Promise<void>;
  /** What only a deployment has; absent at the local runner. */
  cloud?: CloudControls;
  close(): Promise<void>;
}
