import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { TransientFailure } from '../domain/failure.ts';
import { jobBody } from '../domain/job.ts';
import { queueClient } from './queue-client.ts';
import { nameOf } from './storage-fault.ts';

/** An image that wants a worker. */
export interface JobToSend {
  tenant: string;
  imageId: string;
}
/** A job that SQS did not take, and why, in words for a log. */
export interface UnsentJob {
  imageId: string;
  reason: string;
}

/** ImageJobs, the one queue. */
export interface Queue {
  /** Sends jobs in batches of ten, grouped by tenant (fair queues). Answers those that were not taken; never throws. */
  sendJobs(jobs: readonly JobToSend[]): Promise<UnsentJob[]>;
  /** Hides a received message for so many seconds from now (0-43200); 0 shows it at once. */
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
  /** Messages waiting, in flight and delayed, as far as SQS knows: it counts approximately. */
  queueDepth(): Promise<number>;
}

/** What SendMessageBatch takes in one call. */
const batchSize = 10;

/** Opens the queue. Nothing is sent until a method is called. */
export function openQueue({
  queueUrl,
  client = queueClient(),
}: {
  queueUrl: string;
  client?: SQSClient;
}): Queue {
  return {
    async sendJobs(jobs) {
      const unsent: UnsentJob[] = [];
      for (let start = 0; start < jobs.length; start += batchSize)
        unsent.push(...(await sendBatch(client, queueUrl, jobs.slice(start, start + batchSize))));
      return unsent;
    },
    async changeVisibility(receiptHandle, seconds) {
      const VisibilityTimeout = Math.min(43_200, Math.max(0, Math.round(seconds)));
      const command = new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout,
      });
      await client.send(command).catch(queueFault('ChangeMessageVisibility'));
    },
    async queueDepth() {
      const names = [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ] as const;
      const command = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
      const { Attributes } = await client.send(command).catch(queueFault('GetQueueAttributes'));
      return names.reduce((sum, name) => sum + Number(Attributes?.[name] ?? 0), 0);
    },
  };
}

async function sendBatch(
  client: SQSClient,
  queueUrl: string,
  jobs: readonly JobToSend[],
): Promise<UnsentJob[]> {
  // The place in the batch is its id: one image may be in a batch twice, and SQS refuses equal ids.
  const Entries = jobs.map(({ tenant, imageId }, place) => ({
    Id: String(place),
    MessageBody: jobBody(tenant, imageId),
    MessageGroupId: tenant,
  }));
  try {
    const { Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
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
