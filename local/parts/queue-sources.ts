import { catalogue } from '../../lib/catalogue/catalogue.ts';
import type { FunctionDefinition } from '../../lib/catalogue/definition.ts';
import { entriesOf } from '../../lib/catalogue/select.ts';
import { EventSourceMapping } from '../event-source/mapping.ts';
import { queueArn } from '../queues/sqs.ts';
import { stopWithin } from './event-source.ts';
import { functionHost } from './function-host.ts';
import { log } from './home.ts';
import type { Part } from './part.ts';
import { localQueueNames, queues } from './queues.ts';

/** Invokes functions with the messages of queues other than ImageJobs. */
export const queueSources: Part<EventSourceMapping[]> = {
  name: 'queue mappings',
  start: ({ use }) =>
    entriesOf<FunctionDefinition>(catalogue).flatMap(([name, { queues: feeding = [] }]) =>
      feeding.map(
        ({ queue, batchSize, maxConcurrency }) =>
          new EventSourceMapping({
            queue: use(queues)[queue],
            queueArn: queueArn(localQueueNames[queue]),
            maxConcurrency,
            batchSize,
            batchWindowSeconds: 0,
            invoke: (event) => use(functionHost).invoke(name, event),
            onTrouble: (line) => use(log)(`mapping of ${queue}: ${line}`),
          }),
      ),
    ),
  stop: (running) => Promise.all(running.map(stopWithin)),
};
