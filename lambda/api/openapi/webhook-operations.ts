import type { RouteName } from '../../domain/routes.ts';
import { patchTypes } from '../schemas/requests.ts';
import { deliveriesQuery } from '../schemas/webhooks.ts';
import { type Operation, withKey } from './operation.ts';

const withBody = [
  'malformed_json',
  'invalid_request',
  'empty_body',
  'digest_mismatch',
  'too_large',
  'unsupported_type',
  'unsupported_encoding',
  ...withKey,
] as const;
const ofOne = ['invalid_request', 'not_found', ...withKey] as const;
const digests = ['Content-Digest', 'Content-MD5'] as const;
type WebhookRoute = Extract<
  RouteName,
  `${string}Webhook${string}` | `${string}Deliver${string}` | 'replayDead'
>;

export const webhookOperations: Record<WebhookRoute, Operation> = {
  createWebhook: {
    summary: 'Send events to a URL',
    description:
      'The URL is https and on the public Internet. Events are sent by POST as CloudEvents with the signature of Standard ' +
      'Webhooks, each at least once within 24 hours; docs/events.md shows how to verify them. The response has the secret, ' +
      'which cannot be read again.\n\n' +
      'With an Idempotency-Key the request may be repeated: it makes no second webhook, and until a rotation the response ' +
      'has the secret again. The key is free again once its webhook is deleted.',
    headers: ['Idempotency-Key', ...digests],
    takes: 'WebhookRequest',
    responses: {
      200: {
        description: 'Repeated request: the webhook as it is now, whose secret was rotated since',
        schema: 'Webhook',
        headers: ['Location', 'ETag', 'Idempotency-Replayed'],
      },
      201: {
        description: 'The webhook',
        schema: 'NewWebhook',
        headers: ['Location', 'ETag', 'Idempotency-Replayed'],
      },
    },
    problems: ['webhook_limit', 'invalid_idempotency_key', 'idempotency_key_reused', ...withBody],
  },
  listWebhooks: {
    summary: 'Your webhooks, oldest first',
    responses: { 200: { description: 'All webhooks', schema: 'Webhooks' } },
    problems: ['invalid_request', ...withKey],
  },
  getWebhook: {
    summary: 'One webhook',
    headers: ['If-None-Match'],
    responses: {
      200: { description: 'The webhook', schema: 'Webhook', headers: ['ETag'] },
      304: { description: 'Not modified', headers: ['ETag'] },
    },
    problems: ofOne,
  },
  editWebhook: {
    summary: 'Edit, disable or enable a webhook',
    description:
      'A merge patch (RFC 7396). If-Match is required, with the ETag of GET /v1/webhooks/{webhook} or of an earlier edit. ' +
      'An edit or a rotation since then is 412 with the current ETag; what deliveries change is none.',
    headers: ['If-Match', ...digests],
    takes: 'WebhookPatch',
    takesTypes: patchTypes,
    responses: { 200: { description: 'The webhook as it is now', schema: 'Webhook', headers: ['ETag'] } },
    problems: ['not_found', 'precondition_failed', 'precondition_required', ...withBody],
  },
  deleteWebhook: {
    summary: 'Delete a webhook with its deliveries',
    description: 'Nothing more is sent. What is under way may still arrive.',
    responses: { 202: { description: 'Deleted', schema: 'Deleted' } },
    problems: ofOne,
  },
  testWebhook: {
    summary: 'Send a test event',
    description: 'Its type is `webhook.test`. GET /v1/webhooks/{webhook}/deliveries shows what became of it.',
    responses: { 202: { description: 'It is sent soon', schema: 'QueuedDelivery' } },
    problems: ['webhook_disabled', ...ofOne],
  },
  rotateWebhook: {
    summary: 'Replace the secret',
    description:
      'For 24 hours requests have two signatures, also that of the secret before, so that the receiver can change in ' +
      'between. The response has the new secret, which cannot be read again. A second rotation ends the first secret.\n\n' +
      'Bring the `secret` to be able to repeat the request: a rotation to the secret that signs already changes nothing. ' +
      'Without `secret` each request makes another one, and Idempotency-Key is ignored.',
    headers: digests,
    takes: 'RotationRequest',
    responses: { 200: { description: 'The new secret', schema: 'Rotation' } },
    problems: ['not_found', ...withBody],
  },
  resumeWebhook: {
    summary: 'End a pause',
    description:
      'A pause after ten failures in a row ends by itself with the first probe that succeeds; this ends it now. A webhook ' +
      'that is disabled stays so: PATCH enables it.',
    responses: { 200: { description: 'The webhook as it is now', schema: 'Webhook', headers: ['ETag'] } },
    problems: ['webhook_disabled', ...ofOne],
  },
  replayDead: {
    summary: 'Send dead deliveries again',
    description:
      'Up to 1,000 of them, the oldest first, each with 24 hours of its own. A disabled webhook gets them if it is enabled in ' +
      'that time.',
    responses: { 202: { description: 'They are sent soon', schema: 'Replayed' } },
    problems: ofOne,
  },
  listDeliveries: {
    summary: 'Deliveries of a webhook, the newest events first',
    description: 'Those that ended are kept for some days (`webhooks.keepDays`).',
    query: () => deliveriesQuery,
    responses: { 200: { description: 'A page', schema: 'Deliveries' } },
    problems: ofOne,
  },
  replayDelivery: {
    summary: 'Send a delivery again',
    description:
      'If it was delivered or is dead, it gets 24 hours of its own, and a disabled webhook gets it if it is enabled in that ' +
      'time. Any other one is sent anyway.',
    responses: { 202: { description: 'It is sent soon', schema: 'QueuedDelivery' } },
    problems: ofOne,
  },
};
