import * as z from 'zod';
import { httpsPattern, longestUrl, webhookUrlMistake } from '../../addresses/webhook-url.ts';
import { eventTypes } from '../../domain/event.ts';
import { isImageId } from '../../domain/image.ts';
import type { Settings } from '../../domain/settings.ts';
import {
  callFaults,
  deliveryStates,
  endpointReasons,
  endpointStates,
  mostMadeInPause,
  webhookEventTypes,
} from '../../domain/webhook.ts';
import { secretBytes, secretKey, secretPattern } from '../../domain/webhook-secret.ts';
import { pageCursor, pageLimit } from './paging.ts';

/* Bodies, queries and responses of webhooks, for validation and for the OpenAPI document. */

type UrlRule = Pick<Settings['webhooks'], 'allowPrivate'>;

const url = (rule: UrlRule) =>
  z
    .string()
    .superRefine((text, context) => {
      const mistake = webhookUrlMistake(text, rule);
      if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
    })
    .meta({
      format: 'uri',
      pattern: httpsPattern.source,
      maxLength: longestUrl,
      description:
        'Where events are sent by POST: https, port 443 or one from 1024 on, and a host on the public Internet.',
    });

const types = z
  .array(z.enum(eventTypes))
  .min(1)
  .refine((names) => new Set(names).size === names.length, { error: 'names a type twice' })
  .meta({ uniqueItems: true, description: 'Types of the events to send; all types if absent or null.' });

const description = z
  .string()
  .max(200)
  .refine((text) => text.isWellFormed() && !text.includes('\u0000'), {
    error: 'contains a character that is not allowed (U+0000 or half a surrogate pair)',
  })
  .meta({ description: 'For people.' });

const secret = z
  .string()
  .refine((text) => secretKey(text) !== undefined, {
    error: `is not "whsec_" and ${secretBytes.least} to ${secretBytes.most} bytes in base64`,
  })
  .meta({
    pattern: secretPattern.source,
    format: 'sluice-secret',
    description: `The key of the signatures (Standard Webhooks): \`whsec_\` and ${secretBytes.least} to ${secretBytes.most} bytes in base64. Default: random.`,
  });

export const webhookRequest = (rule: UrlRule) =>
  z.strictObject({
    url: url(rule),
    types: types.nullable().optional(),
    description: description.optional(),
    secret: secret.optional(),
  });

/** A merge patch (RFC 7396). */
export const webhookPatch = (rule: UrlRule) =>
  z.strictObject({
    url: url(rule).optional(),
    types: types.nullable().optional(),
    description: description.nullable().optional(),
    enabled: z.boolean().optional().meta({ description: 'False stops it; true starts it again.' }),
  });

export const rotationRequest = z.strictObject({ secret: secret.optional() });

export const deliveriesQuery = z.strictObject({
  state: z.enum(deliveryStates).optional().meta({ description: 'Only deliveries in this state.' }),
  limit: pageLimit('deliveries'),
  cursor: pageCursor(),
});

const id = z.uuid();
const time = z.iso.datetime();

export const webhookResponse = z.strictObject({
  id,
  url: z.string(),
  types: z.array(z.enum(eventTypes)).nullable().meta({ description: 'Null: all types.' }),
  description: z.string(),
  state: z.enum(endpointStates).meta({
    description:
      '`active`; `paused` after ten failures in a row, until a probe succeeds; `disabled` gets nothing.',
  }),
  reason: z
    .enum(endpointReasons)
    .optional()
    .meta({ description: 'Why it is not active: `failures`, `gone` (it answered 410) or `owner`.' }),
  failures: z.int().min(0).meta({ description: 'Attempts in a row that failed.' }),
  missed: z
    .int()
    .min(0)
    .meta({
      description: `Events that were not kept for it, because its pause had ${mostMadeInPause} already; about, and since its last resumption by hand.`,
    }),
  heldUntil: time.optional().meta({
    description: 'Nothing is sent before: the time of the next probe, or the Retry-After of the receiver.',
  }),
  previousSecretUntil: time
    .optional()
    .meta({ description: 'The secret before the rotation signs until then.' }),
  createdAt: time,
  updatedAt: time,
});

export const newWebhookResponse = webhookResponse.extend({
  secret: z.string().meta({ description: 'Returned by this request only.' }),
});
export const webhooksResponse = z.strictObject({ webhooks: z.array(webhookResponse) });
export const rotationResponse = z.strictObject({
  id,
  secret: z.string().meta({ description: 'The new secret, returned by this request only.' }),
  previousSecretUntil: time.meta({ description: 'Until then both sign.' }),
});

export const deliveryResponse = z.strictObject({
  id: id.meta({ description: 'ID of the event, and the header webhook-id.' }),
  type: z.enum(webhookEventTypes),
  image: id.optional().meta({ description: 'Absent in a test.' }),
  state: z.enum(deliveryStates).meta({
    description:
      '`pending` waits for its time, `sent` is under way, `delivered` got a 2xx, `dead` was given up after 24 hours.',
  }),
  attempts: z.int().min(0),
  createdAt: time.meta({ description: 'Begin of its 24 hours; a replay begins them anew.' }),
  nextAttemptAt: time.optional(),
  lastAttempt: z
    .strictObject({
      at: time,
      status: z.int().optional().meta({ description: 'Status of the response.' }),
      fault: z.enum(callFaults).optional().meta({ description: 'Why there was no response.' }),
    })
    .optional(),
});
export const deliveriesResponse = z.strictObject({
  deliveries: z.array(deliveryResponse),
  nextCursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
});

export const queuedDeliveryResponse = z.strictObject({ id });
export const replayedResponse = z.strictObject({
  replayed: z.int().min(0),
  more: z.boolean().meta({ description: 'There may be more: repeat the request.' }),
});

/** Ids of webhooks and deliveries have the form of those of images. */
export const isWebhookId = isImageId;
