import pLimit from 'p-limit';
import { type BusEntry, type EventBuses, mostEntries } from '../../aws/event-buses.ts';
import type { ImageEvent } from '../../domain/event.ts';
import { type ReadyEventDetail, readyEventSource, readyEventType } from '../../domain/ready-event.ts';
import type { Log } from '../../runtime/logger.ts';
import type { Answer, Sink } from '../sink.ts';
import { wavesOf } from '../waves.ts';

/** Calls at a time. One takes 20 ms, so these send 2,000 events a second. */
const callsAtOnce = 4;

export interface EventBridgeTargets {
  /** Names or ARNs of the buses that get every event. */
  buses: readonly string[];
  /** A bus that gets each ready image in the form of before (domain/ready-event.ts). */
  readyEventsBus?: string | undefined;
  /** ARN of the pipeline's bucket, by which rules tell pipelines apart. */
  bucketArn: string;
}

/** Sends each event to all of its buses. It is accepted once they all have. */
export function eventBridgeSink(eventBuses: EventBuses, targets: EventBridgeTargets, log: Log): Sink {
  const limit = pLimit(callsAtOnce);
  return {
    name: 'eventBridge',
    async send(events, signal) {
      const answers = new Map<ImageEvent, Answer>();
      const held = new Set<string>();
      const reasons = new Set<string>();
      const sendGroup = async (group: readonly ImageEvent[]): Promise<void> => {
        const entries = group.map((event) => entriesOf(event, targets));
        const all = entries.flat();
        const sent = all.length === 0 ? [] : await eventBuses.put(all, signal);
        // One event may be at fault.
        if (group.length > 1 && sent.every((one) => !one.sent && one.reason === callRefused)) {
          for (const event of group) await sendGroup([event]);
          return;
        }
        let from = 0;
        for (const [place, event] of group.entries()) {
          const to = from + (entries[place]?.length ?? 0);
          const failed = sent.slice(from, to).filter((one) => !one.sent);
          from = to;
          const answer = answerOf(failed.map(({ reason }) => reason));
          answers.set(event, answer);
          if (answer === false) held.add(event.subject);
          for (const { reason } of failed) reasons.add(reason);
        }
      };
      // The first event of each image, then the second of those whose first was taken, and so on.
      for (const wave of wavesOf(events)) {
        const due = wave.filter(({ subject }) => !held.has(subject));
        await Promise.all(groupsOf(due, targets).map((group) => limit(() => sendGroup(group))));
      }
      if (reasons.size > 0) log.warn('EventBridge refused events', { reasons: [...reasons].slice(0, 5) });
      return events.map((event) => answers.get(event) ?? false);
    },
  };
}

/** Of PutEvents as a whole: its entries are too large together, or one of them is alone. */
const callRefused = 'ValidationException';
/** Of an entry that EventBridge never takes. Other codes are of all events (rights, a bus) or pass (throttling). */
const entryRefused = 'MalformedDetail';

/** @param reasons of the buses that did not take it */
function answerOf(reasons: readonly string[]): Answer {
  if (reasons.includes(callRefused)) return { refused: 'event_too_large' };
  if (reasons.includes(entryRefused)) return { refused: 'malformed' };
  return reasons.length === 0;
}

function entriesOf(event: ImageEvent, { buses, readyEventsBus, bucketArn }: EventBridgeTargets): BusEntry[] {
  const shared = { time: new Date(event.time), resources: [bucketArn] };
  const entries = buses.map((bus) => ({
    ...shared,
    bus,
    source: event.source,
    detailType: event.type,
    detail: JSON.stringify(event),
  }));
  if (readyEventsBus === undefined || event.type !== 'image.ready') return entries;
  const detail: ReadyEventDetail = {
    bucket: bucketArn.split(':').at(-1) ?? '',
    tenant: event.tenant,
    id: event.subject,
  };
  const ready = { bus: readyEventsBus, source: readyEventSource, detailType: readyEventType };
  return [...entries, { ...shared, ...ready, detail: JSON.stringify(detail) }];
}

/** Groups whose entries fit into a call. */
function groupsOf(
  events: readonly ImageEvent[],
  { buses, readyEventsBus }: EventBridgeTargets,
): ImageEvent[][] {
  const each = buses.length + (readyEventsBus === undefined ? 0 : 1);
  const size = Math.max(1, Math.floor(mostEntries / each));
  const groups: ImageEvent[][] = [];
  for (let start = 0; start < events.length; start += size) groups.push(events.slice(start, start + size));
  return groups;
}
