import { everyInterval } from '../interval.ts';
import { log } from './home.ts';
import { type ConsumerName, consumerNames, kafkaMappings } from './kafka.ts';
import type { Part, PartContext } from './part.ts';
import { queues } from './queues.ts';

/** Events that each consumer has not processed; undefined before the first look at the topic. */
export type ConsumerLag = Record<ConsumerName, number | undefined>;

/** Below this a consumer is not behind: it has a batch or two. */
const worthALine = 100;
const everyMs = 5_000;

/** Of the topic, if there is one, and of the consumer's queue. */
export async function readConsumerLag({ use }: Pick<PartContext, 'use'>): Promise<ConsumerLag> {
  const { analyticsEvents, auditEvents } = use(queues).inner;
  const mappings = use(kafkaMappings);
  const [analytics, audit] = await Promise.all(
    [analyticsEvents, auditEvents].map(async (queue) => {
      const { visible, inFlight } = await queue.depth();
      return visible + inFlight;
    }),
  );
  const together = (name: ConsumerName, waiting = 0) => {
    const mapping = mappings[name];
    const lag = mapping === undefined ? 0 : mapping.state.lag;
    return lag === undefined ? undefined : lag + waiting;
  };
  return { analytics: together('analytics', analytics), audit: together('audit', audit) };
}

/**
 * Tells how far the consumers are behind: when one is, when that changes, and when they have caught up. A lag that cannot be
 * read is logged once, until it was read again.
 */
export const consumerLag: Part<() => void> = {
  name: 'lag of the consumers',
  start(context) {
    const { options, use } = context;
    let told = '';
    let unread = false;
    let stopped = false;
    const onTrouble = (error: unknown) => {
      // The queues stop after this part, during a read perhaps.
      if (unread || stopped) return;
      unread = true;
      use(log)(`lag of the consumers: ${error instanceof Error ? error.message : String(error)}`);
    };
    const end = everyInterval(everyMs, async () => {
      const lag = await readConsumerLag(context).catch(onTrouble);
      if (lag === undefined) return;
      unread = false;
      const behind = consumerNames.some((name) => (lag[name] ?? 0) >= worthALine);
      const line = behind
        ? `behind the events: ${consumerNames.map((name) => `${name} ${lag[name] ?? '?'}`).join(', ')}`
        : '';
      if (line === told) return;
      told = line;
      const text = line === '' ? 'the consumers have caught up with the events' : line;
      use(log)(text);
      options.onProgress(text);
    });
    return () => {
      stopped = true;
      end();
    };
  },
  stop: (end) => end(),
};
