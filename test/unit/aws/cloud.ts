import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { takeAllCharacters } from '../../../local/queues/fauxqs-characters-patch.ts';
import { startS3 } from '../../../local/s3/server.ts';

/** An S3 and an SQS of a test's own at free ports, with a bucket and a queue; the SDK's environment points to them. */
export interface Cloud {
  /** The queue. */
  server: FauxqsServer;
  /** Of S3. */
  endpoint: string;
  /** Of SQS. */
  queueEndpoint: string;
  bucketName: string;
  queueUrl: string;
  queueName: string;
  deadLettersUrl: string;
  nudgesUrl: string;
  stop(): Promise<void>;
}

const names = [
  'AWS_ENDPOINT_URL',
  'AWS_ENDPOINT_URL_S3',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
] as const;
const region = 'eu-central-1';

export async function startCloud(): Promise<Cloud> {
  const home = mkdtempSync(join(tmpdir(), 'sluice-cloud-'));
  const trouble: string[] = [];
  await takeAllCharacters();
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  const s3 = await startS3({
    folder: join(home, 'objects'),
    buckets: ['pictures'],
    credentials: { accessKeyId: 'test', secretAccessKey: 'test', region },
    cors: { allowedOrigins: [], allowedMethods: [], allowedHeaders: [], exposeHeaders: [], maxAgeSeconds: 0 },
    spoolFolder: join(home, 'spool'),
    port: 0,
    onCreated: async () => undefined,
    onTrouble: (line) => trouble.push(line),
  });
  const before = names.map((name) => [name, process.env[name]] as const);
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${server.port}`;
  process.env.AWS_ENDPOINT_URL_S3 = s3.endpoint;
  process.env.AWS_REGION = region;
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'test';
  for (const name of ['ImageJobs', 'ImageJobsDLQ', 'Nudges']) server.createQueue(name, { region });
  const urlOf = (name: string) => `http://sqs.${region}.localhost:${server.port}/000000000000/${name}`;
  return {
    server,
    endpoint: s3.endpoint,
    queueEndpoint: `http://127.0.0.1:${server.port}`,
    bucketName: 'pictures',
    queueName: 'ImageJobs',
    queueUrl: urlOf('ImageJobs'),
    deadLettersUrl: urlOf('ImageJobsDLQ'),
    nudgesUrl: urlOf('Nudges'),
    async stop() {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      await Promise.all([server.stop(), s3.close()]);
      rmSync(home, { recursive: true, force: true });
      if (trouble.length > 0) throw new Error(`S3 had trouble: ${trouble.join('; ')}`);
    },
  };
}
