import { v7 as uuidv7 } from 'uuid';
import type * as z from 'zod';
import { incomingKey } from '../domain/image.ts';
import { acceptedType, unsupportedType } from './accepted-type.ts';
import { admit } from './admit.ts';
import type { TenantCall } from './endpoint.ts';
import type { RequestKey } from './idempotency.ts';
import { Problem } from './problem.ts';
import { emptyQuery, ticketRequest } from './requests.ts';
import { type ApiResponse, jsonText } from './response.ts';
import type { ticketAnswer } from './responses.ts';
import { jsonBody, valid, validQuery } from './validation.ts';

/** A ticket has a type, a size, a few names and 2 KB of metadata: 16 KB are plenty. */
const maxTicketBytes = 16_384;

/**
 * The JSON form: a row, and a presigned POST for the client to bring the image with. Row, key and answer are
 * written in one transaction, so a ticket is never running: it exists with its answer or not at all.
 */
export async function createTicket(call: TenantCall, key: RequestKey | undefined): Promise<ApiResponse> {
  const { request, tenant, parts } = call;
  const { settings } = parts;
  validQuery(emptyQuery, request);
  if (request.body.length > maxTicketBytes)
    throw new Problem('too_large', `A JSON body has at most ${maxTicketBytes} bytes.`);
  const wanted = valid(ticketRequest(settings), jsonBody(request));
  const contentType = acceptedType(wanted.contentType, settings);
  if (contentType === undefined) throw unsupportedType('This contentType is not taken.', settings);
  if (wanted.bytes > settings.limits.maxBytes)
    throw new Problem('too_large', `An image may have at most ${settings.limits.maxBytes} bytes.`);

  const id = uuidv7();
  const { ticketSeconds } = settings.uploads;
  const expiresAt = new Date(Date.now() + ticketSeconds * 1000);
  const form = await parts.presigner.presignUpload({
    key: incomingKey(tenant, id),
    contentType,
    maxBytes: wanted.bytes,
    seconds: ticketSeconds,
  });
  const body = {
    id,
    status: 'awaiting_upload',
    upload: { ...form, expiresAt: expiresAt.toISOString() },
  } satisfies z.input<typeof ticketAnswer>;
  const answer = { status: 201, body: JSON.stringify(body), location: `${request.publicPath}/${id}` };
  const admitted = await admit(
    call,
    {
      id,
      tenant,
      contentType,
      bytes: wanted.bytes,
      sha256: wanted.sha256,
      presets: wanted.presets ?? Object.keys(settings.presets),
      metadata: wanted.metadata ?? {},
      ticketSeconds,
    },
    key && { ...key, answer, lockSeconds: 0, keepSeconds: settings.retention.idempotencySeconds },
  );
  if ('repeated' in admitted) return admitted.repeated;
  return jsonText(answer.status, answer.body, { Location: answer.location });
}
