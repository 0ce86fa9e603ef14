import { SQSClient } from '@aws-sdk/client-sqs';
import { ownEndpoint } from './endpoint.ts';

/** A queue; by default with a new client. */
export interface QueueOptions {
  queueUrl: string;
  client?: SQSClient;
}

/** An SQS client. Three attempts of at most 2 s each: a send takes about 10 ms, and callers can retry later. */
export function queueClient(): SQSClient {
  return new SQSClient({
    maxAttempts: 3,
    // Otherwise the client would use the host of the queue's URL.
    useQueueUrlAsEndpoint: ownEndpoint('SQS') === undefined,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
}
