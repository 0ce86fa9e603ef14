import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type * as z from 'zod';
import { secretBytes, secretOf } from '../../../domain/webhook-secret.ts';
import { requestEndpoint } from '../../../postgres/webhooks/new-endpoint.ts';
import { readRequestKey } from '../../admission/idempotency.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { Problem } from '../../http/problem.ts';
import { json } from '../../http/response.ts';
import { type newWebhookResponse, webhookRequest } from '../../schemas/webhooks.ts';
import { webhookBody } from './webhook-body.ts';
import { webhookView } from './webhook-view.ts';

/**
 * `POST /v1/webhooks`: the response has the secret, which cannot be read again, except by a repeated request until it is
 * rotated.
 */
export const createWebhook: Endpoint<'createWebhook'> = async ({ request, parts, tenant }) => {
  const { webhooks: settings, retention } = parts.settings;
  const key = readRequestKey(request);
  const {
    url,
    types,
    description = '',
    secret = newSecret(),
  } = webhookBody(request, webhookRequest(settings));
  const wanted = { tenant, id: uuidv7(), url, types: types ?? [], description, secret };
  const made = await parts.database.transaction((connection) =>
    requestEndpoint(
      connection,
      { ...wanted, key: key && { ...key, keepSeconds: retention.idempotencySeconds } },
      settings.endpointsPerTenant,
    ),
  );
  if (made.outcome === 'too_many')
    throw new Problem('webhook_limit', `There may be ${settings.endpointsPerTenant} webhooks.`);
  if (made.outcome === 'reused')
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for another webhook.');
  const { view, etag } = webhookView(made.endpoint);
  const headers = {
    ETag: etag,
    Location: `${request.publicPath}/${view.id}`,
    ...(made.outcome === 'repeated' ? { 'Idempotency-Replayed': 'true' } : {}),
  };
  // Rotated since: the secret of now was another response.
  if (made.secret === null) return json(200, view, headers);
  return json(201, { ...view, secret: made.secret } satisfies z.input<typeof newWebhookResponse>, headers);
};

/** A random secret. */
export function newSecret(): string {
  return secretOf(randomBytes(secretBytes.made));
}
