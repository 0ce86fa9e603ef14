import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';
import { derivedPrefix } from '../../lambda/domain/image.ts';
import { jobBody } from '../../lambda/domain/job.ts';
import { resolveConfig } from '../../lib/config/resolve.ts';
import type { SluiceConfig } from '../../lib/config/schema.ts';
import { type RunningPipeline, startPipeline } from '../../local/pipeline.ts';
import type { PipelineOptions } from '../../local/pipeline-options.ts';
import { config as shipped } from '../../sluice.config.ts';
import { patience, waiting } from './pace.ts';

/** A test's changes to the default configuration. */
export type Overrides = Partial<Omit<SluiceConfig, 'stages' | 'deploy' | 'database'>>;

export function testConfig(overrides: Overrides = {}) {
  return resolveConfig({ ...shipped, ...overrides });
}

/** A test's access to a pipeline besides its API. */
export interface Inspection {
  sql: pg.Pool;
  queueDepth(): Promise<number>;
  dlqDepth(): Promise<number>;
  /** Keys of all variants of an image of the local tenant. */
  derivedKeys(imageId: string): Promise<string[]>;
  /** Puts an object without the API, as only a role of the deployment could. */
  putObject(key: string, body: Uint8Array): Promise<void>;
  /** Sends the message of an image of the local tenant again. */
  sendJob(imageId: string): Promise<void>;
  close(): Promise<void>;
}

/** Addresses for an inspection; plain data, so that they can come from another process. */
export type Addresses = Pick<RunningPipeline, 'url' | 'apiKey' | 'database' | 'bucket' | 's3' | 'sqs'>;

/** Messages of a queue, waiting, in flight or delayed. */
export async function depthOf(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
}

export function inspect({ database, bucket, s3, sqs }: Addresses): Inspection {
  // The superuser's connections are outside the budget.
  const pool = new pg.Pool({ ...database, max: 2 });
  pool.on('error', () => undefined);
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  const { region } = s3;
  const storage = new S3Client({ endpoint: s3.endpoint, region, credentials, forcePathStyle: true });
  const queues = new SQSClient({ endpoint: sqs.endpoint, region, credentials });
  return {
    sql: pool,
    queueDepth: () => depthOf(queues, sqs.queueUrl),
    dlqDepth: () => depthOf(queues, sqs.dlqUrl),
    async derivedKeys(imageId) {
      const command = new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: derivedPrefix({ tenant: 'local', imageId }),
      });
      return ((await storage.send(command)).Contents ?? []).map(({ Key }) => Key ?? '');
    },
    async putObject(Key, Body) {
      await storage.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
    },
    async sendJob(imageId) {
      const MessageBody = jobBody({ tenant: 'local', imageId });
      await queues.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl, MessageBody }));
    },
    async close() {
      await pool.end();
      storage.destroy();
      queues.destroy();
    },
  };
}

/** A running pipeline; the functions' logs are in `logs` of its home. */
export type TestPipeline = RunningPipeline &
  Inspection & { config: ReturnType<typeof testConfig>; home: string };

/** The whole pipeline, in a temporary folder or in one that stays. */
export async function startTestPipeline(
  overrides: Overrides = {},
  options: Pick<PipelineOptions, 'sweepEveryMs' | 'topic'> & { home?: string } = {},
): Promise<TestPipeline> {
  const home = options.home ?? mkdtempSync(join(tmpdir(), 'sluice-test-'));
  const config = testConfig(overrides);
  const progress: string[] = [];
  const pipeline = await startPipeline({
    config,
    ...options,
    home,
    port: 0,
    durable: false,
    onProgress: (line) => progress.push(line),
  }).catch((error: unknown) => {
    throw new Error(`The pipeline did not start:\n${progress.join('\n')}`, { cause: error });
  });
  const inspection = inspect(pipeline);
  return {
    ...pipeline,
    ...inspection,
    config,
    home,
    async stop() {
      await inspection.close();
      await pipeline.stop();
      if (options.home === undefined) rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Polls until the condition holds. Fails after `withinMs` of a quiet machine. */
export async function until(condition: () => Promise<boolean>, withinMs = 60_000): Promise<void> {
  const isOver = waiting(withinMs);
  while (!(await condition())) {
    if (isOver()) throw new Error(`not true after ${patience(withinMs)} ms: ${condition}`);
    await pause(50);
  }
}

/** Waits until the queue has no message, visible or in flight. Its counts lag behind the last deletion. */
export function drained(pipeline: Inspection): Promise<void> {
  return until(async () => (await pipeline.queueDepth()) === 0, 30_000);
}
