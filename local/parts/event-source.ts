import { onlyOne, queueConsumers } from '../../lib/catalogue/select.ts';
import { EventSourceMapping } from '../event-source/mapping.ts';
import { queueArn } from '../queues/sqs.ts';
import { functionHost } from './function-host.ts';
import { log } from './home.ts';
import type { Part } from './part.ts';
import { innerQueueName, jobsQueueName, queues } from './queues.ts';

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
  stop: stopMapping,
};

/** Invokes the consumers of the queues between functions. */
export const innerEventSources: Part<EventSourceMapping[]> = {
  name: 'event source mappings between functions',
  start({ options: { config }, use }) {
    return queueConsumers().map(({ name, trigger }) => {
      const queue = use(queues).inner[trigger.queue];
      return new EventSourceMapping({
        queue,
        queueArn: queueArn(innerQueueName(trigger.queue)),
        maxConcurrency: trigger.mappingConcurrency(config),
        batchSize: trigger.batchSize,
        batchWindowSeconds: 0,
        invoke: (event) => use(functionHost).invoke(name, event),
        onTrouble: (line) => use(log)(`mapping of ${name}: ${line}`),
      });
    });
  },
  stop: (running) => Promise.all(running.map(stopMapping)),
};

async function stopMapping(running: EventSourceMapping): Promise<void> {
  const { promise: late, resolve: giveUp } = Promise.withResolvers<void>();
  const timer = setTimeout(giveUp, graceMs);
  await Promise.race([running.stop(), late]);
  clearTimeout(timer);
}
