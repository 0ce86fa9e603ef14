import type * as z from 'zod';
import type { ImageEvent } from '../../domain/event.ts';
import { isTerminal } from '../../domain/image.ts';
import { eventsOfImage } from '../../postgres/events/reading.ts';
import { findImage } from '../../postgres/images/reading.ts';
import { secondsToWait } from '../admission/waiting.ts';
import { type Endpoint, imageRef, type TenantCall } from '../http/endpoint.ts';
import { noSuchImage, retryAfter } from '../http/problem.ts';
import { json } from '../http/response.ts';
import { validQuery } from '../http/validation.ts';
import { eventsQuery } from '../schemas/requests.ts';
import type { eventsResponse } from '../schemas/responses.ts';
import { holdUntil } from './hold.ts';

/** An image has a handful of events. Whoever gets as many asks for those after the last one. */
const limit = 100;

/** `GET /v1/images/{id}/events?after=&wait=`: also of a deleted image, as long as its events are kept. */
export const getImageEvents: Endpoint<'getImageEvents'> = async (call) => {
  const { after = 0, wait = 0 } = validQuery(eventsQuery, call.request);
  const image = imageRef(call);
  let events = await read(call, after);
  let hint = {};
  if (events.length === 0) {
    const expected = await expectedSeconds(call);
    if (expected !== undefined) hint = retryAfter(expected);
    const arrived = async () => {
      events = await read(call, after);
      return events.length > 0;
    };
    if (wait > 0 && expected !== undefined && expected <= wait) await holdUntil(call, wait, arrived);
  }
  return json(200, { id: image.imageId, events } satisfies z.input<typeof eventsResponse>, hint);
};

function read(call: TenantCall, after: number): Promise<ImageEvent[]> {
  const image = imageRef(call);
  return call.parts.database.run((connection) => eventsOfImage(connection, image, { after, limit }));
}

/** Seconds until the next event; undefined if none is expected. @throws Problem `not_found` if there never was one */
async function expectedSeconds(call: TenantCall): Promise<number | undefined> {
  const { parts, tenant } = call;
  const found = await parts.database.run((connection) => findImage(connection, imageRef(call)));
  if (found === undefined) {
    if ((await read(call, 0)).length === 0) throw noSuchImage();
    return undefined;
  }
  // Nobody knows when a file arrives.
  if (isTerminal(found.status) || found.status === 'awaiting_upload') return undefined;
  return secondsToWait(parts, tenant, found.createdAt);
}
