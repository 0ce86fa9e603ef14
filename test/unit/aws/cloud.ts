import { type FauxqsServer, startFauxqs } from 'fauxqs';

/** An S3 and an SQS of a test's own at a free port, with a bucket and a queue; the SDK's environment points to it. */
export interface Cloud {
  server: FauxqsServer;
  endpoint: string;
  bucketName: string;
  queueUrl: string;
  queueName: string;
  deadLettersUrl: string;
  stop(): Promise<void>;
}

const names = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const;

export async function startCloud(): Promise<Cloud> {
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const before = names.map((name) => [name, process.env[name]] as const);
  process.env.AWS_ENDPOINT_URL = endpoint;
  process.env.AWS_REGION = 'eu-central-1';
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  server.createBucket('pictures');
  for (const name of ['ImageJobs', 'ImageJobsDLQ']) server.createQueue(name, { region: 'eu-central-1' });
  const urlOf = (name: string) => `http://sqs.eu-central-1.localhost:${server.port}/000000000000/${name}`;
  return {
    server,
    endpoint,
    bucketName: 'pictures',
    queueName: 'ImageJobs',
    queueUrl: urlOf('ImageJobs'),
    deadLettersUrl: urlOf('ImageJobsDLQ'),
    async stop() {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      await server.stop();
    },
  };
}
