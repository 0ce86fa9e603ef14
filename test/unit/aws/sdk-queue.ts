import { SQSClient } from '@aws-sdk/client-sqs';
import { ownEndpoint } from '../../../lambda/aws/endpoint.ts';

/** The SDK's client of SQS, for what a test does itself, and as the oracle of ours. */
export function sdkQueue(): SQSClient {
  return new SQSClient({ maxAttempts: 3, useQueueUrlAsEndpoint: ownEndpoint('SQS') === undefined });
}
