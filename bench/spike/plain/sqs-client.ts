import { Agent, request } from 'node:http';

export interface Received {
  ReceiptHandle: string;
  Body: string;
  Attributes?: { ApproximateReceiveCount?: string };
}

export interface QueueAddress {
  endpoint: string;
  url: string;
}

/** A few calls of the SQS JSON protocol over kept-alive connections: hundreds of pollers share one process here. */
export function openQueue({ endpoint, url }: QueueAddress) {
  const agent = new Agent({ keepAlive: true, maxSockets: 2_000 });
  const call = <Output>(action: string, input: object): Promise<Output> =>
    new Promise((resolve, reject) => {
      const body = JSON.stringify({ QueueUrl: url, ...input });
      const headers = {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `AmazonSQS.${action}`,
        'content-length': Buffer.byteLength(body),
      };
      const sent = request(endpoint, { method: 'POST', agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode !== 200) reject(new Error(`${action}: ${response.statusCode} ${text}`));
          else resolve((text === '' ? {} : JSON.parse(text)) as Output);
        });
      });
      sent.on('error', reject);
      sent.end(body);
    });
  return {
    async receive(max: number, WaitTimeSeconds: number): Promise<Received[]> {
      const { Messages = [] } = await call<{ Messages?: Received[] }>('ReceiveMessage', {
        MaxNumberOfMessages: max,
        WaitTimeSeconds,
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      return Messages;
    },
    async delete(messages: readonly Received[]): Promise<void> {
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await call('DeleteMessageBatch', { Entries });
    },
    /** At most ten. @throws Error if one was not accepted */
    async send(bodies: readonly string[]): Promise<void> {
      const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }));
      const { Failed = [] } = await call<{ Failed?: unknown[] }>('SendMessageBatch', { Entries });
      if (Failed.length > 0) throw new Error(`${Failed.length} messages were not accepted`);
    },
    close: () => agent.destroy(),
  };
}

export type PlainQueue = ReturnType<typeof openQueue>;
