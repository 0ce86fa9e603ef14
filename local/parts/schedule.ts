import type { FunctionName } from '../../lib/catalogue/catalogue.ts';
import { scheduledMessage } from '../../lib/catalogue/inner-queues.ts';
import { queueConsumers, scheduled } from '../../lib/catalogue/select.ts';
import { everyInterval } from '../interval.ts';
import type { SqsQueue } from '../queues/sqs.ts';
import { functionHost } from './function-host.ts';
import { log } from './home.ts';
import type { Part } from './part.ts';
import { queues } from './queues.ts';

/**
 * Invokes the functions with a schedule at their intervals. One with a queue gets a message, as on AWS: invoked beside its
 * mapping it would have one execution more than its cap, and the batch that is throttled for it returns after minutes.
 */
export const schedule: Part<(() => void)[]> = {
  name: 'schedule',
  start({ options, use }) {
    const host = use(functionHost);
    const ownQueues = new Map<FunctionName, SqsQueue>(
      queueConsumers().map(({ name, trigger }) => [name, use(queues).inner[trigger.queue]]),
    );
    return scheduled().map(([name, everySeconds]) => {
      const onTrouble = (text: string) => use(log)(`${name}: ${text}`);
      return everyInterval(options.sweepEveryMs ?? 1000 * everySeconds, async () => {
        try {
          const queue = ownQueues.get(name);
          if (queue !== undefined) return await queue.send(JSON.stringify(scheduledMessage));
          const result = await host.invoke(name, {});
          if (!result.ok && !host.stopped) onTrouble(result.error.errorMessage);
        } catch (error) {
          onTrouble(error instanceof Error ? error.message : String(error));
        }
      });
    });
  },
  stop(ends) {
    for (const end of ends) end();
  },
};
