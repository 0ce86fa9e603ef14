import { v7 as uuidv7 } from 'uuid';
import type * as z from 'zod';
import { eventSource } from '../../../domain/event.ts';
import { testEventType } from '../../../domain/webhook.ts';
import { insertTest } from '../../../postgres/webhooks/deliveries.ts';
import type { Endpoint } from '../../http/endpoint.ts';
import { Problem } from '../../http/problem.ts';
import { json } from '../../http/response.ts';
import { validQuery } from '../../http/validation.ts';
import { emptyQuery } from '../../schemas/requests.ts';
import type { queuedDeliveryResponse } from '../../schemas/webhooks.ts';
import { nudge } from './nudge.ts';
import { readWebhook } from './webhook-view.ts';

/** `POST /v1/webhooks/{webhook}/test`: sends an event of its own type, as any other. */
export const testWebhook: Endpoint<'testWebhook'> = async (call) => {
  const { request, parts, tenant } = call;
  validQuery(emptyQuery, request);
  const webhook = await readWebhook(call);
  if (webhook.state === 'disabled') throw new Problem('webhook_disabled', 'Enable the webhook first.');
  const id = uuidv7();
  const body = JSON.stringify({
    specversion: '1.0',
    id,
    source: eventSource,
    type: testEventType,
    subject: webhook.id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    tenant,
    data: { webhook: webhook.id },
  });
  await parts.database.run((connection) =>
    insertTest(connection, webhook.id, { event: id, type: testEventType, body }),
  );
  await nudge(parts);
  return json(202, { id } satisfies z.input<typeof queuedDeliveryResponse>);
};
