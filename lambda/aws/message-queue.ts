import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { type QueueOptions, queueClient } from './queue-client.ts';
import { sqsText } from './sqs-text.ts';
import { nameOf, options } from './storage-fault.ts';

/** A message between functions. */
export interface OutgoingMessage {
  body: string;
  /** Message group, for fair delivery. */
  group?: string;
  /** Seconds until it can be received, at most 900. */
  delaySeconds?: number;
}

/** A queue between functions. */
export interface MessageQueue {
  /** Sends messages in batches. Returns the places of those that SQS did not accept, with the reason; never throws. */
  send(messages: readonly OutgoingMessage[], signal?: AbortSignal): Promise<Map<number, string>>;
}

/** Limits of SendMessageBatch. The second is what all regions accept, less room for the attributes. */
const batchSize = 10;
const batchBytes = 250_000;

/** Opens a queue without sending anything. */
export function openMessageQueue({ queueUrl, client = queueClient() }: QueueOptions): MessageQueue {
  return {
    async send(messages, signal) {
      const unsent = new Map<number, string>();
      for (const batch of batchesOf(messages)) {
        const failed = await sendBatch(client, queueUrl, batch, signal);
        for (const [place, reason] of failed) unsent.set(place, reason);
      }
      return unsent;
    },
  };
}

type Placed = OutgoingMessage & { place: number };

function batchesOf(messages: readonly OutgoingMessage[]): Placed[][] {
  const batches: Placed[][] = [];
  let bytes = 0;
  messages.forEach((message, place) => {
    const size = Buffer.byteLength(message.body);
    const open = batches.at(-1);
    if (open === undefined || open.length === batchSize || bytes + size > batchBytes) {
      batches.push([{ ...message, place }]);
      bytes = size;
    } else {
      open.push({ ...message, place });
      bytes += size;
    }
  });
  return batches;
}

async function sendBatch(
  client: SQSClient,
  QueueUrl: string,
  batch: readonly Placed[],
  signal: AbortSignal | undefined,
): Promise<[number, string][]> {
  const Entries = batch.map(({ body, group, delaySeconds, place }) => ({
    Id: String(place),
    MessageBody: sqsText(body),
    ...(group === undefined ? {} : { MessageGroupId: group }),
    ...(delaySeconds === undefined ? {} : { DelaySeconds: Math.min(900, Math.ceil(delaySeconds)) }),
  }));
  try {
    const { Failed } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), options(signal));
    return (Failed ?? []).map(({ Id, Code, Message }) => [Number(Id), Message ?? Code ?? 'no reason given']);
  } catch (error) {
    return batch.map(({ place }) => [place, nameOf(error)]);
  }
}
