import type * as z from 'zod';
import type { ImageEvent } from '../../domain/event.ts';
import { isTerminal } from '../../domain/image.ts';
import { eventsOfImage } from '../../postgres/events/reading.ts';
import { findImage } from '../../postgres/images/reading.ts';
import { mistakesIn } from '../../runtime/mistakes.ts';
import { secondsToWait } from '../admission/waiting.ts';
import { type Endpoint, imageRef, type TenantCall } from '../http/endpoint.ts';
import { endOfEventStream, eventStream, eventStreamType } from '../http/event-stream.ts';
import { prefers } from '../http/preferred-type.ts';
import { invalid, noSuchImage, retryAfter } from '../http/problem.ts';
import { type ApiRequest, headerOf } from '../http/request.ts';
import { json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { eventsQuery, longestWait, requestHeaders } from '../schemas/requests.ts';
import type { eventsResponse } from '../schemas/responses.ts';
import { holdUntil } from './hold.ts';

/** An image has a handful of events. Whoever gets as many asks for those after the last one. */
const limit = 100;
/** Milliseconds after which an EventSource asks again: after events, and where none is expected. */
const retryMs = { events: 1_000, unexpected: 30_000 };

/**
 * `GET /v1/images/{id}/events?after=&wait=`, as JSON or as Server-Sent Events: also of a deleted image, as long as its
 * events are kept. Both forms end with the first events or after `wait`; docs/events.md says why.
 */
export const getImageEvents: Endpoint<'getImageEvents'> = async (call) => {
  const { request } = call;
  const query = validQuery(eventsQuery, request);
  const streamed = prefers(request, eventStreamType);
  const wait = query.wait ?? (streamed ? longestWait : 0);
  // An EventSource repeats the `after` with which it began.
  const after = Math.max(query.after ?? 0, lastEventId(request) ?? 0);
  let events = await read(call, after);
  let outlook: Outlook = {};
  if (events.length === 0) {
    outlook = await outlookOf(call);
    const { seconds, worthHolding } = outlook;
    const arrived = async () => {
      events = await read(call, after);
      return events.length > 0;
    };
    // The end of an image may have come after the events were read.
    if (seconds === undefined) await arrived();
    else if (worthHolding && seconds <= wait) await holdUntil(call, wait, arrived);
  }
  const { seconds, ended } = outlook;
  if (streamed && events.length > 0) return eventStream(events, retryMs.events);
  if (streamed && ended) return endOfEventStream;
  if (streamed)
    return eventStream([], seconds === undefined ? retryMs.unexpected : Math.ceil(1_000 * seconds));
  const body = { id: imageRef(call).imageId, events } satisfies z.input<typeof eventsResponse>;
  return json(200, body, seconds === undefined ? {} : retryAfter(seconds));
};

/** The number of the last event that an EventSource has. @throws Problem `invalid_request` */
function lastEventId(request: ApiRequest): number | undefined {
  const text = headerOf(request, 'Last-Event-ID');
  if (text === undefined) return undefined;
  const parsed = requestHeaders['Last-Event-ID'].safeParse(text);
  if (parsed.success) return parsed.data;
  throw invalid(mistakesIn(parsed.error, ['Last-Event-ID']));
}

function read(call: TenantCall, after: number): Promise<ImageEvent[]> {
  const image = imageRef(call);
  return call.parts.database.run((connection) => eventsOfImage(connection, image, { after, limit }));
}

/** What is known of the next event of an image without a newer one. */
interface Outlook {
  /** After which to look again; undefined if no event is expected. */
  seconds?: number;
  /** A worker writes it. Nobody knows when a file arrives. */
  worthHolding?: boolean;
  /** No event can come any more. */
  ended?: boolean;
}

/** @throws Problem `not_found` if there never was such an image */
async function outlookOf(call: TenantCall): Promise<Outlook> {
  const { parts, tenant } = call;
  const found = await parts.database.run((connection) => findImage(connection, imageRef(call)));
  if (found === undefined) {
    if ((await read(call, 0)).length === 0) throw noSuchImage();
    return { ended: true };
  }
  if (isTerminal(found.status)) return {};
  const seconds = await secondsToWait(parts, tenant, found.createdAt);
  return { seconds, worthHolding: found.status !== 'awaiting_upload' };
}
