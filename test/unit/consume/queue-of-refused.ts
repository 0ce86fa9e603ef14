import type { RefusedEvent, RefusedEventQueue } from '../../../lambda/aws/refused-events.ts';

/** A queue that keeps what it is sent, or takes nothing. */
export function queueOfRefused(takes = true): RefusedEventQueue & { sent: RefusedEvent[] } {
  const sent: RefusedEvent[] = [];
  return {
    sent,
    async send(refused) {
      if (takes) sent.push(...refused);
      return refused.map(() => takes);
    },
  };
}
