import type * as z from 'zod';
import { rotationSeconds } from '../../../domain/webhook.ts';
import { rotateSecret } from '../../../postgres/webhooks/endpoints.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { json } from '../../http/response.ts';
import { rotationRequest, type rotationResponse } from '../../schemas/webhooks.ts';
import { newSecret } from './create-webhook.ts';
import { webhookBody } from './webhook-body.ts';
import { noSuchWebhook, webhookRef } from './webhook-view.ts';

/**
 * `POST /v1/webhooks/{webhook}/rotate`: for a day the secret before signs too. One before that ends now. A request that brings
 * its secret may be repeated.
 */
export const rotateWebhook: Endpoint<'rotateWebhook'> = async (call) => {
  const { secret = newSecret() } = webhookBody(call.request, rotationRequest);
  const ref = webhookRef(call);
  const until = await call.parts.database.run((connection) =>
    rotateSecret(connection, ref, { secret, keepSeconds: rotationSeconds }),
  );
  if (until === undefined) throw noSuchWebhook();
  const body = { id: ref.id, secret, previousSecretUntil: until.toISOString() };
  return json(200, body satisfies z.input<typeof rotationResponse>);
};
