import { resumeEndpoint } from '../../../postgres/webhooks/endpoints.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { Problem } from '../../http/problem.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import { nudge } from './nudge.ts';
import { readWebhook, webhookRef, webhookView } from './webhook-view.ts';

/**
 * `POST /v1/webhooks/{webhook}/resume`: ends a pause; what waits is due now. One that its owner or a 410 disabled is started by
 * its owner's edit.
 */
export const resumeWebhook: Endpoint<'resumeWebhook'> = async (call) => {
  validQuery(emptyQuery, call.request);
  const ref = webhookRef(call);
  const resumed = await call.parts.database.run((connection) => resumeEndpoint(connection, ref));
  if (resumed === undefined) {
    await readWebhook(call);
    throw new Problem('webhook_disabled', 'Enable the webhook first.');
  }
  await nudge(call.parts);
  const { view, etag } = webhookView(resumed);
  return json(200, view, { ETag: etag });
};
