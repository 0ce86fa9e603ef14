import { randomUUID } from 'node:crypto';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { Context, SQSBatchResponse, SQSRecord } from 'aws-lambda';
import { openBucket } from '../../../lambda/aws/bucket.ts';
import { openDeadLetterQueue } from '../../../lambda/aws/dead-letters.ts';
import { silentNudges } from '../../../lambda/aws/nudges.ts';
import { openQueue } from '../../../lambda/aws/queue.ts';
import { queueClient } from '../../../lambda/aws/queue-client.ts';
import { incomingKey } from '../../../lambda/domain/image.ts';
import { type JobContent, jobBody } from '../../../lambda/domain/job.ts';
import { openDatabasePressure } from '../../../lambda/process/database-pressure.ts';
import type { Dependencies } from '../../../lambda/process/dependencies.ts';
import { createHandler } from '../../../lambda/process/handler.ts';
import type { Log, LogFields } from '../../../lambda/runtime/logger.ts';
import { settingsOf } from '../../../lib/bundling/settings.ts';
import type { SluiceConfig } from '../../../lib/config/schema.ts';
import type { ServerAddress } from '../../support/global-setup.ts';
import { recordMetrics } from '../../support/metrics.ts';
import { withPlainFormats } from '../../support/plain-formats.ts';
import { startCloud } from '../aws/cloud.ts';
import { sdkStorage } from '../aws/sdk-storage.ts';
import { openLane } from '../imaging/sandbox-folder.ts';
import { insertImage, openTestDb } from '../postgres/rows.ts';

export interface Line {
  level: string;
  message: string;
  fields: LogFields;
}

/** A log that records its lines. */
export function recordingLog(): Log & { lines: Line[] } {
  const lines: Line[] = [];
  const keep =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void lines.push({ level, message, fields });
  return {
    lines,
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    remember: () => {},
    forget: () => {},
  };
}

/** The context of an invocation. */
export function invocation(remaining: () => number): Context {
  return { awsRequestId: randomUUID(), getRemainingTimeInMillis: remaining } as Context;
}

/**
 * The worker with a real Postgres, S3, SQS and sandbox.
 * @param server default: the one of the run
 * @param presets make WebP and JPEG unless they say otherwise
 */
export async function openTestWorker(
  server?: ServerAddress,
  presets: SluiceConfig['presets'] = { small: { width: 32 } },
) {
  const db = await openTestDb(server);
  const cloud = await startCloud();
  const { bucketName, queueUrl } = cloud;
  const s3 = sdkStorage();
  const sqs = queueClient();
  const log = recordingLog();
  const { metrics, recorded } = recordMetrics();
  const onDeath = () => metrics.add('SandboxDeaths', {});
  const opened = openLane({ presets: withPlainFormats(presets) }, { onDeath });
  const { lane, settings: config, close: closeLane } = opened;
  const settings = settingsOf(config, {});
  const dependencies: Dependencies = {
    database: db.as('sluice_process'),
    bucket: openBucket({ bucketName }),
    queue: openQueue({ queueUrl, client: sqs }),
    nudges: silentNudges,
    deadLetters: openDeadLetterQueue({ queueUrl: cloud.deadLettersUrl, client: sqs }),
    lane,
    settings,
    log,
    metrics,
  };

  const testWorker = {
    db,
    cloud,
    lane,
    settings,
    log,
    recorded,
    dependencies,
    /** A queued image with its original in the bucket. */
    async upload(bytes: Uint8Array | undefined, values: Record<string, unknown> = {}): Promise<string> {
      const id = await insertImage(db.admin, { values });
      const Key = incomingKey({ tenant: 'alpha', imageId: id });
      if (bytes !== undefined) await s3.send(new PutObjectCommand({ Bucket: bucketName, Key, Body: bytes }));
      return id;
    },
    async send(body: string): Promise<void> {
      await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }));
    },
    async sendJob(imageId: string, more: Partial<JobContent> = {}): Promise<void> {
      await testWorker.send(jobBody({ tenant: 'alpha', imageId, ...more }));
    },
    /** Receives the visible messages, as the event source mapping would. */
    receive: (): Promise<SQSRecord[]> => receiveAll(sqs, queueUrl),
    /** Receives the dead-letter queue: each message's body, and its attributes as text. */
    async deadLetters(): Promise<{ body: string; attributes: Record<string, string | undefined> }[]> {
      return (await receiveAll(sqs, cloud.deadLettersUrl)).map(({ body, messageAttributes }) => ({
        body,
        attributes: Object.fromEntries(
          Object.entries(messageAttributes).map(([name, { stringValue }]) => [name, stringValue]),
        ),
      }));
    },
    /**
     * Invokes the worker and deletes the messages that it does not report as failed. Its waits for the database take no
     * time here, but are taken from the time that remains. @returns those it reports.
     */
    async deliver(
      records: SQSRecord[],
      { remaining, ...others }: Partial<Dependencies> & { remaining?: () => number } = {},
    ): Promise<string[]> {
      const end = Date.now() + 60_000;
      let waited = 0;
      const pressure = openDatabasePressure({
        random: others.random,
        now: () => performance.now() + waited,
        pause: async (ms) => {
          waited += ms;
        },
      });
      const handler = createHandler({ ...dependencies, pressure, ...others });
      const left = remaining ?? (() => end - Date.now());
      const { batchItemFailures } = (await handler(
        { Records: records },
        invocation(() => left() - waited),
      )) as SQSBatchResponse;
      const failed = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
      await testWorker.acknowledge(records.filter(({ messageId }) => !failed.includes(messageId)));
      return failed;
    },
    async acknowledge(records: readonly SQSRecord[]): Promise<void> {
      for (const { receiptHandle } of records)
        await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: receiptHandle }));
    },
    /** Seconds until each message in flight is visible again; 0 for one that is visible. */
    hidden(): number[] {
      const { ready = [], inflight = [] } = cloud.server.inspectQueue(cloud.queueName)?.messages ?? {};
      const seconds = inflight.map(({ visibilityDeadline }) => (visibilityDeadline - Date.now()) / 1000);
      return [...ready.map(() => 0), ...seconds];
    },
    /** Deletes all messages. */
    async emptyQueue(): Promise<void> {
      await testWorker.acknowledge(await testWorker.receive());
    },
    async close(): Promise<void> {
      closeLane();
      s3.destroy();
      sqs.destroy();
      await cloud.stop();
      await db.close();
    },
  };
  return testWorker;
}

async function receiveAll(sqs: SQSClient, queueUrl: string): Promise<SQSRecord[]> {
  const records: SQSRecord[] = [];
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 360,
        MessageSystemAttributeNames: ['All'],
        MessageAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return records;
    records.push(...Messages.map(recordOf));
  }
}

function recordOf(message: Message): SQSRecord {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue: stringValue = '', DataType: dataType = '' }]) =>
      [name, { stringValue, dataType }] as const,
  );
  return {
    messageId: message.MessageId ?? '',
    receiptHandle: message.ReceiptHandle ?? '',
    body: message.Body ?? '',
    attributes: message.Attributes as unknown as SQSRecord['attributes'],
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:ImageJobs',
    awsRegion: 'eu-central-1',
  };
}
export type TestWorker = Awaited<ReturnType<typeof openTestWorker>>;
