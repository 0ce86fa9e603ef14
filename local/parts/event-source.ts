import { onlyOne } from '../../lib/catalogue/select.ts';
import { consumerBatch } from '../../lib/rules/consumers.ts';
import { EventSourceMapping } from '../event-source/mapping.ts';
import { queueArn } from '../queues/sqs.ts';
import { functionHost } from './function-host.ts';
import { log } from './home.ts';
import type { Part } from './part.ts';
import { eventQueueName, jobsQueueName, queues } from './queues.ts';

/** Invocations under way get this long when the runner stops; then the host kills them. */
const graceMs = 3_000;

/** Invokes the function that takes jobs with batches of ImageJobs. */
export const eventSource: Part<EventSourceMapping> = {
  name: 'event source mapping',
  start({ options: { config, mappingConcurrency }, use }) {
    const { maxConcurrency, batchSize, batchWindowSeconds } = config.process;
    return new EventSourceMapping({
      queue: use(queues).jobs,
      queueArn: queueArn(jobsQueueName),
      maxConcurrency: mappingConcurrency ?? maxConcurrency,
      batchSize,
      batchWindowSeconds,
      invoke: (event) => use(functionHost).invoke(onlyOne('sqs-jobs'), event),
      onTrouble: (line) => use(log)(`mapping: ${line}`),
    });
  },
  stop: (running) => stopWithin(graceMs, [running]),
};

/** Invokes each consumer of events with batches of its queue. */
export const eventConsumers: Part<EventSourceMapping[]> = {
  name: 'consumers of events',
  start: ({ use }) =>
    [...use(queues).events].map(
      ([name, queue]) =>
        new EventSourceMapping({
          queue,
          queueArn: queueArn(eventQueueName(name)),
          maxConcurrency: consumerBatch.executions,
          batchSize: consumerBatch.queue,
          batchWindowSeconds: 0,
          invoke: (event) => use(functionHost).invoke(name, event),
          onTrouble: (line) => use(log)(`${name}: ${line}`),
        }),
    ),
  stop: (running) => stopWithin(graceMs, running),
};

async function stopWithin(ms: number, mappings: readonly EventSourceMapping[]): Promise<void> {
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const timer = setTimeout(giveUp, ms);
  await Promise.race([Promise.all(mappings.map((one) => one.stop())), late]);
  clearTimeout(timer);
}
