import { catalogue, type FunctionName } from '../../lib/catalogue/catalogue.ts';
import { triggeredBy } from '../../lib/catalogue/select.ts';
import { consumerVisibilitySeconds } from '../../lib/rules/consumers.ts';
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

export const eventQueueName = (consumer: FunctionName) => `Events-${consumer}.fifo`;

interface Queues {
  jobs: SqsQueue;
  deadLetters: SqsQueue;
  /** Of each consumer of events. */
  events: ReadonlyMap<FunctionName, SqsQueue>;
  refusedEvents: SqsQueue;
}

/** The queues, made or updated to the configuration. */
export const queues: Part<Queues> = {
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
    const MessageRetentionPeriod = String(14 * daySeconds);
    const refusedEvents = await ensureQueue(endpoint, 'RefusedEvents', { MessageRetentionPeriod });
    const events = new Map<FunctionName, SqsQueue>();
    for (const name of triggeredBy('events'))
      events.set(
        name,
        await ensureQueue(endpoint, eventQueueName(name), {
          FifoQueue: 'true',
          MessageRetentionPeriod,
          ReceiveMessageWaitTimeSeconds: '20',
          VisibilityTimeout: String(consumerVisibilitySeconds(options.config, catalogue[name])),
        }),
      );
    return { jobs, deadLetters, events, refusedEvents };
  },
};
