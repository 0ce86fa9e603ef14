import type * as z from 'zod';
import { deleteEndpoint } from '../../../postgres/webhooks/endpoints.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import type { deleteResponse } from '../../schemas/responses.ts';
import { noSuchWebhook, webhookRef } from './webhook-view.ts';

/** `DELETE /v1/webhooks/{webhook}`: nothing more is sent; what is under way may still arrive. */
export const deleteWebhook: Endpoint<'deleteWebhook'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const ref = webhookRef(call);
  if (!(await call.parts.database.run((connection) => deleteEndpoint(connection, ref))))
    throw noSuchWebhook();
  return json(202, { id: ref.id } satisfies z.input<typeof deleteResponse>);
};
