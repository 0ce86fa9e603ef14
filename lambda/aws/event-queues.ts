import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { ImageEvent } from '../domain/event.ts';
import { type QueueOptions, queueClient } from './queue-client.ts';
import { sqsText } from './sqs-text.ts';
import { options } from './storage-fault.ts';

/** The FIFO queues of all consumers. */
export interface EventQueues {
  /**
   * Sends at most ten events to every queue; those of an image may overtake each other, so they are given one by one.
   * Reports which all queues accepted. Never throws.
   */
  send(events: readonly ImageEvent[], signal: AbortSignal): Promise<boolean[]>;
}

/** Opens the queues without sending anything. */
export function openEventQueues({
  queueUrls,
  client = queueClient(),
}: { queueUrls: readonly string[] } & Omit<QueueOptions, 'queueUrl'>): EventQueues {
  async function sendTo(queueUrl: string, events: readonly ImageEvent[], signal: AbortSignal) {
    const Entries = events.map((event, place) => ({
      Id: String(place),
      MessageBody: sqsText(JSON.stringify(event)),
      MessageGroupId: event.subject,
      // SQS drops a repetition within five minutes; the consumers know later ones.
      MessageDeduplicationId: event.id,
    }));
    try {
      const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries });
      const { Successful = [] } = await client.send(command, options(signal));
      return new Set(Successful.map(({ Id }) => Number(Id)));
    } catch {
      return new Set<number>();
    }
  }
  return {
    async send(events, signal) {
      const accepted = await Promise.all(queueUrls.map((url) => sendTo(url, events, signal)));
      return events.map((_, place) => accepted.every((places) => places.has(place)));
    },
  };
}
