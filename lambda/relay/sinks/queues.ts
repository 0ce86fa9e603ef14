import type { EventQueues } from '../../aws/event-queues.ts';
import type { ImageEvent } from '../../domain/event.ts';
import type { Sink } from '../sink.ts';
import { wavesOf } from '../waves.ts';

/** Limit of SendMessageBatch. */
const perRequest = 10;
/** SQS takes 256 KiB in a request. */
const bytesPerRequest = 200_000;
/** Requests at once. */
const requests = 8;

/**
 * Sends events to the queues of the consumers. A request has one event of an image at most, because SQS may accept some of
 * a request and not others; the next one of the image follows once it is accepted.
 */
export function queuesSink(queues: EventQueues): Sink {
  return {
    name: 'queues',
    async send(events, signal) {
      const accepted = new Map<ImageEvent, boolean>();
      const refused = new Set<string>();
      for (const wave of wavesOf(events)) {
        const open = wave.filter(({ subject }) => !refused.has(subject));
        const groups = [...inRequests(open)];
        for (let at = 0; at < groups.length && !signal.aborted; at += requests)
          await Promise.all(
            groups.slice(at, at + requests).map(async (group) => {
              const answers = await queues.send(group, signal);
              for (const [place, event] of group.entries()) accepted.set(event, answers[place] === true);
            }),
          );
        for (const event of open) if (accepted.get(event) !== true) refused.add(event.subject);
      }
      return events.map((event) => accepted.get(event) === true);
    },
  };
}

function* inRequests(events: readonly ImageEvent[]): Generator<ImageEvent[]> {
  let group: ImageEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = Buffer.byteLength(JSON.stringify(event));
    if (group.length === perRequest || (group.length > 0 && bytes + size > bytesPerRequest)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(event);
    bytes += size;
  }
  if (group.length > 0) yield group;
}
