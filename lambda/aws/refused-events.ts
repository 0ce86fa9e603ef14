import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type QueueOptions, queueClient } from './queue-client.ts';
import { options } from './storage-fault.ts';

/** A record that a consumer could not process, sent as it came. */
export interface RefusedEvent {
  text: string;
  /** Stable word for sorting. */
  code: string;
}

/** The queue of refused events. */
export interface RefusedEventQueue {
  /** Reports which SQS accepted; never throws. Singly: batches share one size limit. */
  send(failed: readonly RefusedEvent[], signal?: AbortSignal): Promise<boolean[]>;
}

/** Opens the queue without sending anything. `consumer` says who could not process them. */
export function openRefusedEvents({
  queueUrl,
  consumer,
  client = queueClient(),
}: QueueOptions & { consumer: string }): RefusedEventQueue {
  const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
  return {
    send: (failed, signal) =>
      Promise.all(
        failed.map(({ text, code }) =>
          client
            .send(
              new SendMessageCommand({
                QueueUrl: queueUrl,
                // SQS takes no empty message (a tombstone of Kafka).
                MessageBody: text === '' ? '(empty)' : text,
                MessageAttributes: { Consumer: attribute(consumer), Code: attribute(code) },
              }),
              options(signal),
            )
            .then(
              () => true,
              () => false,
            ),
        ),
      ),
  };
}
