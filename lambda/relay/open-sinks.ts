import { openEventBuses } from '../aws/event-buses.ts';
import type { Log } from '../runtime/logger.ts';
import type { Sink } from './sink.ts';
import { eventBridgeSink } from './sinks/event-bridge.ts';

/** Variables of the sinks. */
export interface SinkEnvironment {
  EVENT_BUSES?: string | undefined;
  READY_EVENTS_BUS?: string | undefined;
  EVENT_BUCKET_ARN: string;
}

/** The configured sinks. Without any, events are kept for `GET /v1/images/{id}/events` only. */
export function openSinks(environment: SinkEnvironment, log: Log): Sink[] {
  const sinks: Sink[] = [];
  const { EVENT_BUSES, READY_EVENTS_BUS: readyEventsBus, EVENT_BUCKET_ARN: bucketArn } = environment;
  const buses = EVENT_BUSES?.split(',') ?? [];
  if (buses.length > 0 || readyEventsBus !== undefined)
    sinks.push(eventBridgeSink(openEventBuses(), { buses, readyEventsBus, bucketArn }, log));
  return sinks;
}
