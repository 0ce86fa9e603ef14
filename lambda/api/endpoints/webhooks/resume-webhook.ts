import { resumeEndpoint } from '../../../postgres/webhooks/endpoints.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import { nudge } from './nudge.ts';
import { noSuchWebhook, webhookRef, webhookView } from './webhook-view.ts';

/** `POST /v1/webhooks/{webhook}/resume`: ends a pause; what waits is due now. */
export const resumeWebhook: Endpoint<'resumeWebhook'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const ref = webhookRef(call);
  const resumed = await call.parts.database.run((connection) => resumeEndpoint(connection, ref));
  if (resumed === undefined) throw noSuchWebhook();
  await nudge(call.parts);
  const { view, etag } = webhookView(resumed);
  return json(200, view, { ETag: etag });
};
