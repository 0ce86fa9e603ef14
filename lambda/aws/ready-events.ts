import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import type { ImageRef } from '../domain/image.ts';
import { type ReadyEventDetail, readyEventSource, readyEventType } from '../domain/ready-event.ts';
import { nameOf, options } from './storage-fault.ts';

/** Sends events about ready images. */
export interface ReadyEvents {
  /** Sends an event per image; reports for each, in order, whether EventBridge accepted it. Never throws. */
  send(images: readonly ImageRef[], signal?: AbortSignal): Promise<EventSent[]>;
}
export type EventSent = { sent: true } | { sent: false; reason: string };

/** Limit of PutEvents. */
const largestBatch = 10;

/** Opens an event bus by name or ARN. Two attempts of at most 2 s: a call takes about 20 ms; messages retry. */
export function openReadyEvents({
  bus,
  bucketName,
  client = new EventBridgeClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  }),
}: {
  bus: string;
  bucketName: string;
  client?: EventBridgeClient;
}): ReadyEvents {
  const entryOf = ({ tenant, imageId }: ImageRef): PutEventsRequestEntry => {
    const detail: ReadyEventDetail = { bucket: bucketName, tenant, id: imageId };
    return {
      EventBusName: bus,
      Source: readyEventSource,
      DetailType: readyEventType,
      Detail: JSON.stringify(detail),
    };
  };
  return {
    async send(images, signal) {
      const sent: EventSent[] = [];
      for (let at = 0; at < images.length; at += largestBatch) {
        const entries = images.slice(at, at + largestBatch).map(entryOf);
        sent.push(...(await put(client, entries, signal)));
      }
      return sent;
    },
  };
}

async function put(
  client: EventBridgeClient,
  entries: PutEventsRequestEntry[],
  signal: AbortSignal | undefined,
): Promise<EventSent[]> {
  try {
    const { Entries = [] } = await client.send(new PutEventsCommand({ Entries: entries }), options(signal));
    // One result per entry, in order. Only an id means that an event was accepted.
    return entries.map((_, place) => {
      const { EventId, ErrorCode } = Entries[place] ?? {};
      return EventId === undefined ? { sent: false, reason: ErrorCode ?? 'no reason given' } : { sent: true };
    });
  } catch (error) {
    return entries.map(() => ({ sent: false, reason: nameOf(error) }));
  }
}
