import type * as z from 'zod';
import {
  type EndpointRef,
  findEndpoint,
  type Endpoint as Webhook,
} from '../../../postgres/webhooks/endpoints.ts';
import type { TenantCall } from '../../http/endpoint.ts';
import { etagOf } from '../../http/etag.ts';
import { Problem } from '../../http/problem.ts';
import { isWebhookId, type webhookResponse } from '../../schemas/webhooks.ts';

type View = z.input<typeof webhookResponse>;

/** A webhook as its owner sees it, and its ETag: If-Match compares the revision, which only owners raise. */
export function webhookView(webhook: Webhook): { view: View; etag: string } {
  const { id, url, types, description, state, reason, failures, missed } = webhook;
  const { heldUntil, previousUntil } = webhook;
  const view: View = {
    id,
    url,
    types: types.length === 0 ? null : (types as View['types']),
    description,
    state,
    ...(reason === null ? {} : { reason }),
    failures,
    missed,
    ...(heldUntil === null ? {} : { heldUntil: heldUntil.toISOString() }),
    ...(previousUntil === null ? {} : { previousSecretUntil: previousUntil.toISOString() }),
    createdAt: webhook.createdAt.toISOString(),
    updatedAt: webhook.updatedAt.toISOString(),
  };
  return { view, etag: etagOf(JSON.stringify(view), webhook.revision) };
}

/** One that does not exist, was deleted, or is another tenant's: clients cannot distinguish these (I11). */
export function noSuchWebhook(): Problem {
  return new Problem('not_found', 'There is no webhook with this id.');
}

/** The webhook that a request names. @throws Problem `not_found` for an id that none has. */
export function webhookRef({ tenant, request }: TenantCall): EndpointRef {
  const id = request.params.webhook ?? '';
  if (!isWebhookId(id)) throw noSuchWebhook();
  return { tenant, id };
}

/** @throws Problem `not_found`. */
export async function readWebhook(call: TenantCall): Promise<Webhook> {
  const ref = webhookRef(call);
  const found = await call.parts.database.run((connection) => findEndpoint(connection, ref));
  if (found === undefined) throw noSuchWebhook();
  return found;
}
