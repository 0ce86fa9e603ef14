import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { TransientFailure } from '../domain/failure.ts';
import { type JobContent, jobBody } from '../domain/job.ts';
import { type QueueOptions, queueClient } from './queue-client.ts';
import { nameOf, options } from './storage-fault.ts';

/** A job that SQS did not accept, with the reason for the log. */
export interface UnsentJob {
  imageId: string;
  reason: string;
}

/** The queue ImageJobs. */
export interface Queue {
  /** Sends jobs in batches of ten, grouped by tenant (fair queues). Returns the rejected ones; never throws. */
  sendJobs(jobs: readonly JobContent[], signal?: AbortSignal): Promise<UnsentJob[]>;
  /** Hides a received message for so many seconds (0-43200); 0 makes it visible at once. */
  changeVisibility(receiptHandle: string, seconds: number, signal?: AbortSignal): Promise<void>;
  /** Approximate number of messages waiting, in flight and delayed. */
  queueDepth(signal?: AbortSignal): Promise<number>;
}

/** Limit of SendMessageBatch. */
const batchSize = 10;

/** Opens the queue without sending anything. */
export function openQueue({ queueUrl, client = queueClient() }: QueueOptions): Queue {
  return {
    async sendJobs(jobs, signal) {
      const unsent: UnsentJob[] = [];
      for (let start = 0; start < jobs.length; start += batchSize)
        unsent.push(...(await sendBatch(client, queueUrl, jobs.slice(start, start + batchSize), signal)));
      return unsent;
    },
    async changeVisibility(receiptHandle, seconds, signal) {
      const VisibilityTimeout = Math.min(43_200, Math.max(0, Math.round(seconds)));
      const command = new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout,
      });
      await client.send(command, options(signal)).catch(queueFault('ChangeMessageVisibility'));
    },
    async queueDepth(signal) {
      const names = [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ] as const;
      const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
      const { Attributes } = await client
        .send(command, options(signal))
        .catch(queueFault('GetQueueAttributes'));
      return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
    },
  };
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  jobs: readonly JobContent[],
  signal: AbortSignal | undefined,
): Promise<UnsentJob[]> {
  // The index is the id: an image may be in a batch twice, and SQS rejects equal ids.
  const Entries = jobs.map((job, place) => ({
    Id: String(place),
    MessageBody: jobBody(job),
    MessageGroupId: job.tenant,
  }));
  try {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
    const { Failed } = await client.send(command, options(signal));
    return (Failed ?? []).flatMap(({ Id, Code, Message }) => {
      const job = jobs[Number(Id)];
      return job === undefined
        ? []
        : [{ imageId: job.imageId, reason: Message ?? Code ?? 'no reason given' }];
    });
  } catch (error) {
    return jobs.map(({ imageId }) => ({ imageId, reason: nameOf(error) }));
  }
}

function queueFault(operation: string): (error: unknown) => never {
  return (error) => {
    throw new TransientFailure('internal', `${operation}: ${nameOf(error)}`, { cause: error });
  };
}
