import { catalogue } from '../../lib/catalogue/catalogue.ts';
import type { QueueName } from '../../lib/catalogue/definition.ts';
import { nudgeSeconds } from '../../lib/rules/nudges.ts';
import { visibilityTimeout } from '../../lib/rules/visibility.ts';
import { type RunningFauxqs, startFauxqs } from '../queues/fauxqs.ts';
import { ensureQueue, queueArn, type SqsQueue } from '../queues/sqs.ts';
import { home } from './home.ts';
import type { Part } from './part.ts';
import { processes } from './processes.ts';

export const sqs: Part<RunningFauxqs> = {
  name: 'SQS',
  reported: true,
  start({ options: { fairDelivery = true }, use }) {
    const { queues: dataFolder, logs: logFolder } = use(home);
    return startFauxqs({ dataFolder, fairDelivery, logFolder, registry: use(processes) });
  },
  stop: (running) => running.stop(),
  ended: (running) => running.ended,
  pids: (running) => [running.pid],
};

export const jobsQueueName = 'ImageJobs';
const deadLetterQueueName = 'ImageJobsDLQ';
export const localQueueNames: Record<QueueName, string> = { nudges: 'Nudges' };
const daySeconds = 86_400;

/** ImageJobs, its dead-letter queue and the others, made or updated to the configuration. */
export const queues: Part<{ jobs: SqsQueue; deadLetters: SqsQueue } & Record<QueueName, SqsQueue>> = {
  name: 'queues',
  async start({ options, use }) {
    const { process } = options.config;
    const { endpoint } = use(sqs);
    const deadLetters = await ensureQueue(endpoint, deadLetterQueueName, {
      MessageRetentionPeriod: String(14 * daySeconds),
    });
    const jobs = await ensureQueue(endpoint, jobsQueueName, {
      VisibilityTimeout: String(visibilityTimeout(process)),
      MessageRetentionPeriod: String(4 * daySeconds),
      ReceiveMessageWaitTimeSeconds: '20',
      RedrivePolicy: JSON.stringify({
        deadLetterTargetArn: queueArn(deadLetterQueueName),
        maxReceiveCount: process.maxReceiveCount,
      }),
    });
    const nudges = await ensureQueue(endpoint, localQueueNames.nudges, {
      VisibilityTimeout: String(
        visibilityTimeout({ timeoutSeconds: catalogue.relay.timeoutSeconds(), batchWindowSeconds: 0 }),
      ),
      MessageRetentionPeriod: String(nudgeSeconds),
      ReceiveMessageWaitTimeSeconds: '20',
    });
    return { jobs, deadLetters, nudges };
  },
};
