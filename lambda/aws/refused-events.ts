import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { type QueueOptions, queueClient } from './queue-client.ts';
import { type RefusedContent, refusedBody } from './refused-body.ts';
import { options } from './storage-fault.ts';

/** An event that a consumer or a sink can never take, sent as it came. */
export interface RefusedEvent extends RefusedContent {
  /** Stable word for sorting. */
  code: string;
  /** The sink of the relay that refused it. */
  sink?: string;
  /** Where the topic has it. */
  place?: { partition: string; offset: number } | undefined;
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
        failed.map(({ code, sink, place, ...content }) => {
          const { body, encoding, cutFrom } = refusedBody(content);
          const message = new SendMessageCommand({
            QueueUrl: queueUrl,
            MessageBody: body,
            MessageAttributes: {
              Consumer: attribute(consumer),
              Code: attribute(code),
              ...(sink !== undefined && { Sink: attribute(sink) }),
              ...(place && { Partition: attribute(place.partition), Offset: attribute(`${place.offset}`) }),
              ...(encoding && { Encoding: attribute(encoding) }),
              ...(cutFrom && { CutFromBytes: attribute(`${cutFrom}`) }),
            },
          });
          return client.send(message, options(signal)).then(
            () => true,
            () => false,
          );
        }),
      ),
  };
}
