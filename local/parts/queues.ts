import { type InnerQueue, innerQueue, innerQueueNames } from '../../lib/catalogue/inner-queues.ts';
import { innerReceives, innerVisibility } from '../../lib/config/queue-visibility.ts';
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
const daySeconds = 86_400;

/** SQS wants this ending. */
export const innerQueueName = (queue: InnerQueue): string =>
  `${innerQueue(queue).name}${innerQueue(queue).fifo ? '.fifo' : ''}`;

export interface RunningQueues {
  jobs: SqsQueue;
  deadLetters: SqsQueue;
  /** Those between functions. */
  inner: Record<InnerQueue, SqsQueue>;
}

/** ImageJobs, its dead-letter queue and the queues between functions, made or updated to the configuration. */
export const queues: Part<RunningQueues> = {
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
    const inner = new Map<InnerQueue, SqsQueue>();
    for (const queue of innerQueueNames) {
      const { fifo, retentionSeconds, deadLetters } = innerQueue(queue);
      const made = await ensureQueue(endpoint, innerQueueName(queue), {
        ...(fifo && { FifoQueue: 'true' }),
        VisibilityTimeout: String(innerVisibility(queue, options.config)),
        MessageRetentionPeriod: String(retentionSeconds),
        ReceiveMessageWaitTimeSeconds: '20',
        ...(deadLetters && {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: queueArn(innerQueueName(deadLetters)),
            maxReceiveCount: innerReceives(queue, options.config),
          }),
        }),
      });
      inner.set(queue, made);
    }
    return { jobs, deadLetters, inner: Object.fromEntries(inner) as Record<InnerQueue, SqsQueue> };
  },
};
