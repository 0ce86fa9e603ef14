import type * as z from 'zod';
import {
  type Delivery,
  listDeliveries as readDeliveries,
  replayDelivery as writeReplay,
  replayDead as writeReplays,
} from '../../../postgres/webhooks/deliveries.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { Problem } from '../../http/problem.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { makeCursor, readCursor } from '../../schemas/cursor.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import {
  deliveriesQuery,
  type deliveriesResponse,
  type deliveryResponse,
  isWebhookId,
  type queuedDeliveryResponse,
  type replayedResponse,
} from '../../schemas/webhooks.ts';
import { nudge } from './nudge.ts';
import { readWebhook, webhookRef } from './webhook-view.ts';

/** `GET /v1/webhooks/{webhook}/deliveries?state=&limit=&cursor=`: the newest events first. */
export const listDeliveries: Endpoint<'listDeliveries'> = async (call) => {
  const { state, limit, cursor } = validQuery(deliveriesQuery, call.request);
  const { id } = await readWebhook(call);
  const before = cursor && readCursor(cursor);
  // One more than the page shows whether there is a next one.
  const found = await call.parts.database.run((connection) =>
    readDeliveries(connection, id, {
      limit: limit + 1,
      ...(state === undefined ? {} : { state }),
      ...(before ? { before } : {}),
    }),
  );
  const page = found.slice(0, limit);
  const last = page.at(-1);
  const nextCursor = found.length > page.length && last !== undefined ? makeCursor(last.id) : null;
  return json(200, {
    deliveries: page.map(deliveryView),
    nextCursor,
  } satisfies z.input<typeof deliveriesResponse>);
};

function deliveryView(delivery: Delivery): z.input<typeof deliveryResponse> {
  const { id, type, imageId, state, attempts, createdAt, nextAttemptAt } = delivery;
  const { lastAttemptAt, lastStatus, lastFault } = delivery;
  return {
    id,
    type,
    ...(imageId === null ? {} : { image: imageId }),
    state,
    attempts,
    createdAt: createdAt.toISOString(),
    ...(nextAttemptAt === null ? {} : { nextAttemptAt: nextAttemptAt.toISOString() }),
    ...(lastAttemptAt === null
      ? {}
      : {
          lastAttempt: {
            at: lastAttemptAt.toISOString(),
            ...(lastStatus === null ? {} : { status: lastStatus }),
            ...(lastFault === null ? {} : { fault: lastFault }),
          },
        }),
  };
}

/** `POST /v1/webhooks/{webhook}/deliveries/{delivery}/replay`: of one that ended. Another one is sent anyway. */
export const replayDelivery: Endpoint<'replayDelivery'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const ref = webhookRef(call);
  const id = call.request.params.delivery ?? '';
  const before = isWebhookId(id)
    ? await call.parts.database.run((connection) => writeReplay(connection, ref, id))
    : undefined;
  if (before === undefined) throw new Problem('not_found', 'There is no delivery with this id.');
  await nudge(call.parts);
  return json(202, { id } satisfies z.input<typeof queuedDeliveryResponse>);
};

/** Rows of one statement, which takes well under a second. */
const mostReplays = 1_000;

/** `POST /v1/webhooks/{webhook}/replay`: of all dead deliveries, the oldest first. */
export const replayDead: Endpoint<'replayDead'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const { id } = await readWebhook(call);
  const replayed = await call.parts.database.run((connection) => writeReplays(connection, id, mostReplays));
  await nudge(call.parts);
  const body = { replayed, more: replayed === mostReplays };
  return json(202, body satisfies z.input<typeof replayedResponse>);
};
