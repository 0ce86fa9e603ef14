import type { ResolvedConfig } from '../lib/config/schema.ts';
import { visibilityTimeout } from '../lib/rules/visibility.ts';
import type { Home } from './home/home.ts';
import { rememberedPort, rememberPort } from './home/ports.ts';
import type { Secrets } from './home/secrets.ts';
import { PortTaken } from './http/listen.ts';
import { region } from './lambda/variables.ts';
import { ensureQueue, queueArn, type SqsQueue } from './queues/sqs.ts';
import { type RunningS3, type S3Options, startS3 } from './s3/server.ts';

export const bucketName = 'sluice-local';
export const jobsQueueName = 'ImageJobs';
const deadLetterQueueName = 'ImageJobsDLQ';
const daySeconds = 86_400;

/** Makes ImageJobs and its dead-letter queue, or brings them to what the configuration says. */
export async function ensureQueues(
  fauxqs: string,
  { process }: ResolvedConfig,
): Promise<{ jobs: SqsQueue; deadLetters: SqsQueue }> {
  const deadLetters = await ensureQueue(fauxqs, deadLetterQueueName, {
    MessageRetentionPeriod: String(14 * daySeconds),
  });
  const jobs = await ensureQueue(fauxqs, jobsQueueName, {
    VisibilityTimeout: String(visibilityTimeout(process)),
    MessageRetentionPeriod: String(4 * daySeconds),
    ReceiveMessageWaitTimeSeconds: '20',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: queueArn(deadLetterQueueName),
      maxReceiveCount: process.maxReceiveCount,
    }),
  });
  return { jobs, deadLetters };
}

/** Starts S3 where it was last, else anywhere: presigned URLs of an earlier run stay good. */
export async function startStorage(
  home: Home,
  secrets: Secrets,
  config: ResolvedConfig,
  options: Pick<S3Options, 'onCreated' | 'onTrouble'>,
): Promise<RunningS3> {
  const { accessKeyId, secretAccessKey } = secrets;
  const start = (port: number) =>
    startS3({
      ...options,
      folder: home.objects,
      buckets: [bucketName],
      credentials: { accessKeyId, secretAccessKey, region },
      // As lib/storage/bucket.ts has it.
      cors: {
        allowedOrigins: config.deploy.origins,
        allowedMethods: ['POST', 'GET', 'HEAD'],
        allowedHeaders: ['*'],
        exposeHeaders: ['ETag', 'Location'],
        maxAgeSeconds: 3600,
      },
      spoolFolder: home.spool,
      port,
    });
  const s3 = await start(rememberedPort(home.ports)).catch((error: unknown) => {
    if (error instanceof PortTaken) return start(0);
    throw error;
  });
  rememberPort(home.ports, s3.port);
  return s3;
}
