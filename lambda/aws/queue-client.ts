import { SQSClient } from '@aws-sdk/client-sqs';
import { hasOwnEndpoint } from './endpoint.ts';

/** A client for SQS. Three attempts of at most 2 s each: a send takes about 10 ms, and each caller can try later. */
export function queueClient(): SQSClient {
  return new SQSClient({
    maxAttempts: 3,
    // With an endpoint in the environment only, the client would still go to the host in the queue's URL.
    useQueueUrlAsEndpoint: !hasOwnEndpoint('SQS'),
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  });
}
