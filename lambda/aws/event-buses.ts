import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { nameOf, options } from './storage-fault.ts';

/** An event for a bus of EventBridge. */
export interface BusEntry {
  /** Name or ARN. */
  bus: string;
  source: string;
  detailType: string;
  /** JSON. */
  detail: string;
  time: Date;
  /** ARNs that rules can match. */
  resources: readonly string[];
}

/** Sends to event buses. */
export interface EventBuses {
  /** Sends at most `mostEntries` in one call; reports for each, in order, whether EventBridge accepted it. Never throws. */
  put(entries: readonly BusEntry[], signal?: AbortSignal): Promise<EntrySent[]>;
}
export type EntrySent = { sent: true } | { sent: false; reason: string };

/** Limit of PutEvents. */
export const mostEntries = 10;

/** Two attempts of at most 2 s: a call takes about 20 ms, and the relay tries again. */
export function openEventBuses(
  client: Pick<EventBridgeClient, 'send'> = new EventBridgeClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
  }),
): EventBuses {
  return {
    async put(entries, signal) {
      const command = new PutEventsCommand({
        Entries: entries.map(({ bus, source, detailType, detail, time, resources }) => ({
          EventBusName: bus,
          Source: source,
          DetailType: detailType,
          Detail: detail,
          Time: time,
          Resources: [...resources],
        })),
      });
      try {
        const { Entries = [] } = await client.send(command, options(signal));
        // One result per entry, in order. Only an id means that an event was accepted.
        return entries.map((_, place) => {
          const { EventId, ErrorCode } = Entries[place] ?? {};
          return EventId === undefined
            ? { sent: false, reason: ErrorCode ?? 'no reason given' }
            : { sent: true };
        });
      } catch (error) {
        return entries.map(() => ({ sent: false, reason: nameOf(error) }));
      }
    },
  };
}
