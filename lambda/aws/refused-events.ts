import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type QueueOptions, queueClient } from './queue-client.ts';
import { sqsText } from './sqs-text.ts';
import { options } from './storage-fault.ts';

/** An event that a consumer or a sink can never take, sent as it came. */
export interface RefusedEvent {
  text: string;
  /** Stable word for sorting. */
  code: string;
  /** The sink of the relay that refused it. */
  sink?: string;
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
        failed.map(({ text, code, sink }) =>
          client
            .send(
              new SendMessageCommand({
                QueueUrl: queueUrl,
                // SQS takes no empty message (a tombstone of Kafka).
                MessageBody: text === '' ? '(empty)' : sqsText(text),
                MessageAttributes: {
                  Consumer: attribute(consumer),
                  Code: attribute(code),
                  ...(sink !== undefined && { Sink: attribute(sink) }),
                },
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
