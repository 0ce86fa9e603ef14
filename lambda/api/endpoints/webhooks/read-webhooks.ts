import type * as z from 'zod';
import { listEndpoints } from '../../../postgres/webhooks/endpoints.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { conditional } from '../../http/etag.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import type { webhooksResponse } from '../../schemas/webhooks.ts';
import { readWebhook, webhookView } from './webhook-view.ts';

/** `GET /v1/webhooks`: all of them. */
export const listWebhooks: Endpoint<'listWebhooks'> = async ({ request, parts, tenant }) => {
  validQuery(emptyQuery, request);
  const all = await parts.database.run((connection) => listEndpoints(connection, tenant));
  const webhooks = all.map((one) => webhookView(one).view);
  return json(200, { webhooks } satisfies z.input<typeof webhooksResponse>);
};

/** `GET /v1/webhooks/{webhook}` */
export const getWebhook: Endpoint<'getWebhook'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const { view, etag } = webhookView(await readWebhook(call));
  return conditional(call.request, json(200, view), etag);
};
