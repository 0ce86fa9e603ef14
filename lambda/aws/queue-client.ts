import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { loadJsonRpcErrorCode } from '@smithy/core/protocols';
import { ownEndpoint } from './endpoint.ts';
import { readBody } from './http/exchange.ts';
import { headerText, ServiceError } from './http/service-error.ts';
import { openSignedCalls } from './http/signed-calls.ts';
import { signingClient } from './signing-client.ts';

/** A queue; by default with a new client. */
export interface QueueOptions {
  queueUrl: string;
  client?: QueueClient;
}

/** Input and output of the operations of SQS in use, as far as they are used. */
interface Operations {
  SendMessage: {
    input: { MessageBody: string; MessageGroupId?: string; MessageAttributes?: Record<string, Attribute> };
    output: { MD5OfMessageBody?: string };
  };
  SendMessageBatch: {
    input: { Entries: { Id: string; MessageBody: string; MessageGroupId?: string }[] };
    output: {
      Successful?: { Id: string; MD5OfMessageBody?: string }[];
      Failed?: { Id: string; Code?: string; Message?: string }[];
    };
  };
  ChangeMessageVisibility: { input: { ReceiptHandle: string; VisibilityTimeout: number }; output: object };
  GetQueueAttributes: {
    input: { AttributeNames: readonly string[] };
    output: { Attributes?: Record<string, string> };
  };
}
interface Attribute {
  DataType: 'String' | 'Number';
  StringValue: string;
}

export interface QueueRequest<Operation extends keyof Operations = keyof Operations> {
  operation: Operation;
  queueUrl: string;
  input: Operations[Operation]['input'];
}

/** Calls of SQS by its JSON protocol. They throw as SignedCalls. */
export interface QueueClient {
  send<Operation extends keyof Operations>(
    request: QueueRequest<Operation>,
    signal?: AbortSignal,
  ): Promise<Operations[Operation]['output']>;
  /** Closes idle connections. */
  destroy(): void;
}

/**
 * A client of SQS. Three attempts of at most 2 s each: a send takes about 10 ms, and callers can retry later.
 * @param options for tests.
 */
export function queueClient({
  maxAttempts = 3,
  endpoint = ownEndpoint('SQS'),
  answerMs = 2_000,
}: {
  maxAttempts?: number;
  endpoint?: string | undefined;
  answerMs?: number;
} = {}): QueueClient {
  const calls = openSignedCalls({ service: 'sqs', signing: signingClient(), maxAttempts, answerMs, errorOf });
  return {
    send({ operation, queueUrl, input }, signal) {
      const body = Buffer.from(JSON.stringify({ QueueUrl: queueUrl, ...input }));
      const request = {
        method: 'POST',
        // The queue's own host, unless the environment has an endpoint.
        base: new URL(endpoint ?? queueUrl),
        path: '/',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'content-length': String(body.byteLength),
          'x-amz-target': `AmazonSQS.${operation}`,
        },
        body,
      };
      return calls.call(
        async () => request,
        async (response) => {
          const text = (await readBody(response)).toString();
          const output = text === '' ? {} : JSON.parse(text);
          checkDigests(input as Partial<BodiesIn>, output);
          return output;
        },
        signal,
      );
    },
    destroy: () => calls.close(),
  };
}

/** SQS reports the MD5 of each body that it received. @throws if one was damaged on its way, as the SDK does. */
function checkDigests(input: Partial<BodiesIn>, output: Partial<DigestsIn>): void {
  const bodies = new Map((input.Entries ?? []).map(({ Id, MessageBody }) => [Id, MessageBody]));
  const sent = (output.Successful ?? []).map(({ Id, MD5OfMessageBody }) => [
    bodies.get(Id),
    MD5OfMessageBody,
  ]);
  if (output.MD5OfMessageBody !== undefined) sent.push([input.MessageBody, output.MD5OfMessageBody]);
  for (const [body = '', md5] of sent)
    if (md5 !== createHash('md5').update(body).digest('hex'))
      throw new Error('SQS received a damaged message');
}
type BodiesIn = Operations['SendMessage']['input'] & Operations['SendMessageBatch']['input'];
type DigestsIn = Operations['SendMessage']['output'] & Operations['SendMessageBatch']['output'];

async function errorOf(status: number, headers: IncomingHttpHeaders, body: Buffer): Promise<ServiceError> {
  const data = parsed(body.toString());
  return new ServiceError(
    {
      name: loadJsonRpcErrorCode({ statusCode: status, headers } as never, data),
      message: data.message ?? data.Message,
    },
    { httpStatusCode: status, requestId: headerText(headers, 'x-amzn-requestid') },
    headers,
  );
}

function parsed(text: string): { message?: string; Message?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
