import { post } from '../http/client.ts';

/** A message as SQS returns it. */
export interface ReceivedMessage {
  MessageId: string;
  ReceiptHandle: string;
  Body: string;
  MD5OfBody: string;
  Attributes?: Record<string, string>;
  MessageAttributes?: Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>;
}

export class SqsFailure extends Error {
  override readonly name = 'SqsFailure';
}

/** Numbers of visible, in-flight and delayed messages. */
export interface QueueDepth {
  visible: number;
  inFlight: number;
  delayed: number;
}

/** A client for one queue, with the few calls of the SQS JSON protocol that the runner needs. */
export class SqsQueue {
  readonly url: string;
  readonly #endpoint: string;

  constructor(endpoint: string, url: string) {
    this.#endpoint = endpoint;
    this.url = url;
  }

  /** Long-polls for up to `max` messages; returns none after `waitSeconds`. */
  async receive(max: number, waitSeconds: number, signal?: AbortSignal): Promise<ReceivedMessage[]> {
    const input = {
      MaxNumberOfMessages: max,
      WaitTimeSeconds: waitSeconds,
      MessageSystemAttributeNames: ['All'],
      MessageAttributeNames: ['All'],
    };
    const { Messages = [] } = await this.#call<{ Messages?: ReceivedMessage[] }>(
      'ReceiveMessage',
      input,
      signal,
    );
    return Messages;
  }

  /** Deletes up to ten messages. */
  async delete(messages: readonly ReceivedMessage[]): Promise<void> {
    if (messages.length === 0) return;
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await this.#call('DeleteMessageBatch', { Entries });
  }

  /** @param MessageGroupId the tenant, for fair delivery */
  async send(MessageBody: string, MessageGroupId?: string): Promise<void> {
    await this.#call('SendMessage', { MessageBody, MessageGroupId });
  }

  async depth(): Promise<QueueDepth> {
    const { Attributes: all = {} } = await this.#call<{ Attributes?: Record<string, string> }>(
      'GetQueueAttributes',
      { AttributeNames: ['All'] },
    );
    return {
      visible: Number(all.ApproximateNumberOfMessages),
      inFlight: Number(all.ApproximateNumberOfMessagesNotVisible),
      delayed: Number(all.ApproximateNumberOfMessagesDelayed),
    };
  }

  #call<Output>(action: string, input: object, signal?: AbortSignal): Promise<Output> {
    return callSqs<Output>(this.#endpoint, action, { QueueUrl: this.url, ...input }, signal);
  }
}

async function callSqs<Output>(
  endpoint: string,
  action: string,
  input: object,
  signal?: AbortSignal,
): Promise<Output> {
  const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AmazonSQS.${action}` };
  const { status, text } = await post(endpoint, headers, JSON.stringify(input), signal);
  if (status !== 200) throw new SqsFailure(`${action}: ${status} ${text}`);
  return (text === '' ? {} : JSON.parse(text)) as Output;
}

/** The ARN that fauxqs gives a queue. */
export function queueArn(name: string): string {
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

/** Creates a queue, or updates its attributes. */
export async function ensureQueue(
  endpoint: string,
  name: string,
  attributes: Record<string, string>,
): Promise<SqsQueue> {
  // fauxqs finds a queue by the last part of the path, whichever port it had when the queue was created.
  const queue = new SqsQueue(endpoint, `${endpoint}/000000000000/${name}`);
  await callSqs(endpoint, 'CreateQueue', { QueueName: name });
  await callSqs(endpoint, 'SetQueueAttributes', { QueueUrl: queue.url, Attributes: attributes });
  return queue;
}
