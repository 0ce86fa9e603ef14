import type { MessageQueue } from '../../aws/message-queue.ts';
import { dueMessage } from '../../domain/webhook.ts';
import { fanOut } from '../../postgres/webhooks/fan-out.ts';
import type { Log } from '../../runtime/logger.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Sink } from '../sink.ts';

/**
 * Webhooks: a delivery in the database for each endpoint that wants an event, which `dispatch` sends. Nudging it is worth
 * one try: its schedule finds what a lost message would have told.
 */
export function webhookSink({
  database,
  deliveryResults,
  log,
}: Pick<Dependencies, 'database'> & { deliveryResults: MessageQueue; log: Log }): Sink {
  return {
    name: 'webhooks',
    async send(events, signal) {
      try {
        const { made, missed } = await database.run((connection) => fanOut(connection, events), { signal });
        if (missed > 0) log.warn('Paused webhooks missed events', { missed });
        if (made > 0) {
          const unsent = await deliveryResults.send([{ body: dueMessage }], signal);
          if (unsent.size > 0) log.warn('dispatch was not nudged', { reason: unsent.get(0) });
        }
        return events.map(() => true);
      } catch (error) {
        log.error('Events were not given to webhooks', { error });
        return events.map(() => false);
      }
    },
  };
}
