import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type * as z from 'zod';
import { secretBytes, secretOf } from '../../../domain/webhook-secret.ts';
import { insertEndpoint } from '../../../postgres/webhooks/endpoints.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { Problem } from '../../http/problem.ts';
import { json } from '../../http/response.ts';
import { type newWebhookResponse, webhookRequest } from '../../schemas/webhooks.ts';
import { webhookBody } from './webhook-body.ts';
import { webhookView } from './webhook-view.ts';

/** `POST /v1/webhooks`: the response has the secret, which cannot be read again. */
export const createWebhook: Endpoint<'createWebhook'> = async ({ request, parts, tenant }) => {
  const { webhooks: settings } = parts.settings;
  const {
    url,
    types,
    description = '',
    secret = newSecret(),
  } = webhookBody(request, webhookRequest(settings));
  const id = uuidv7();
  const made = await parts.database.transaction((connection) =>
    insertEndpoint(
      connection,
      { tenant, id },
      { url, types: types ?? [], description, secret },
      settings.endpointsPerTenant,
    ),
  );
  if (made === undefined)
    throw new Problem('webhook_limit', `There may be ${settings.endpointsPerTenant} webhooks.`);
  const { view, etag } = webhookView(made);
  return json(201, { ...view, secret } satisfies z.input<typeof newWebhookResponse>, {
    ETag: etag,
    Location: `${request.publicPath}/${id}`,
  });
};

/** A random secret. */
export function newSecret(): string {
  return secretOf(randomBytes(secretBytes.made));
}
