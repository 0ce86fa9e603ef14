import type * as z from 'zod';
import type { ImageStatus } from '../../domain/image.ts';
import type { HeldKey, RepeatedImage } from '../../postgres/images/idempotency.ts';
import { keptAnswers } from '../../postgres/images/tickets.ts';
import type { TenantCall } from '../http/endpoint.ts';
import { Problem } from '../http/problem.ts';
import { type ApiResponse, json, jsonText } from '../http/response.ts';
import type { directResponse, uploadedResponse } from '../schemas/responses.ts';
import { stillRunning } from './idempotency.ts';
import { noticeUpload } from './notice-upload.ts';
import { issueTicket } from './upload-ticket.ts';

/**
 * The response to a repeated request (I3). A direct upload gets the same one; a ticket the same image and `expiresAt`
 * with a new signature, or the image's status once the file has arrived.
 * @throws Problem `idempotency_key_reused`, `request_in_progress`, `image_deleted`, `ticket_expired`.
 */
export async function repeatedResponse(
  call: TenantCall,
  held: HeldKey,
  requestSha256: Buffer,
): Promise<ApiResponse> {
  if (!held.requestSha256.equals(requestSha256))
    throw new Problem('idempotency_key_reused', 'This Idempotency-Key was used for a different request.');
  if (held.status === null) throw stillRunning(held.lockedForSeconds);
  if (held.image === undefined)
    throw new Problem('image_deleted', 'The image of this request was deleted. Send it with a new key.');
  const { image, whole } = held;
  if (whole !== null) return jsonText(held.status, whole.body, replayed(whole.location));
  const location = `${call.request.publicPath}/${image.id}`;
  const response = held.status === keptAnswers.ticket ? await ticketAgain(call, image) : directAgain(image);
  return json(response.status, response.body, replayed(location));
}

function directAgain({ id }: RepeatedImage) {
  const body = { id, status: 'queued' } satisfies z.input<typeof directResponse>;
  return { status: 202, body };
}

async function ticketAgain(call: TenantCall, image: RepeatedImage) {
  const status: ImageStatus =
    image.status === 'awaiting_upload' ? await noticeUpload(call, image) : image.status;
  if (status === 'expired' || (status === 'awaiting_upload' && image.ticketSeconds < 1))
    throw new Problem('ticket_expired', 'The ticket of this request is over. Ask for one with a new key.');
  if (status === 'awaiting_upload') return { status: 201, body: await issueTicket(call, image) };
  return { status: 200, body: { id: image.id, status } satisfies z.input<typeof uploadedResponse> };
}

function replayed(location: string): Record<string, string> {
  return { Location: location, 'Idempotency-Replayed': 'true' };
}
