import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The services of the functions: an SQS that accepts everything, and no database, because a refused connection is the
 * fastest response. The time is that of the function's code, including what a first job loads.
 */
export async function openSurroundings(): Promise<{ variables: Record<string, string>; close(): void }> {
  const sqs = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.0' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => sqs.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(sqs.address() as AddressInfo).port}`;
  return {
    variables: {
      DATABASE_HOST: '127.0.0.1',
      // Connections are refused.
      DATABASE_PORT: '1',
      DATABASE_NAME: 'sluice',
      DATABASE_USER: 'sluice_process',
      DATABASE_AUTH: 'iam',
      DATABASE_TLS: 'verify',
      DATABASE_PREPARED_STATEMENTS: 'named',
      BUCKET_NAME: 'pictures',
      JOBS_QUEUE_URL: `${endpoint}/000000000000/ImageJobs`,
      DEAD_LETTERS_QUEUE_URL: `${endpoint}/000000000000/ImageJobs`,
      DATABASE_ROLES: '{"sluice_api":{"connections":40,"persistent":true}}',
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      LOG_LEVEL: 'SILENT',
    },
    close: () => sqs.close(),
  };
}

/** Lambda's event for a batch of one job. */
export const oneJob = {
  Records: [
    {
      messageId: '059f36b4-87a3-44ab-83d2-661975830a7d',
      receiptHandle: 'receipt',
      body: '{"v":1,"tenant":"acme","imageId":"018f7a3e-5b2c-7c41-9d0e-3f2a1b4c5d6e"}',
      attributes: { ApproximateReceiveCount: '1' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      awsRegion: 'eu-central-1',
    },
  ],
};
