import { readHeldKey } from '../postgres/images/idempotency.ts';
import { insertTicket, type KeyClaim, type NewImage } from '../postgres/images/tickets.ts';
import type { TenantCall } from './endpoint.ts';
import { stillRunning } from './idempotency.ts';
import { repeatedAnswer } from './repeated-answer.ts';
import type { ApiResponse } from './response.ts';

/** Either the image has a row now, or the request was answered before. */
export type Admitted = { imageId: string; ticketExpiresAt: Date } | { repeated: ApiResponse };

/**
 * Decides admission and writes the row in one round trip; a request whose key is in use takes a second one. The
 * answer to a repeated request does not depend on the backlog.
 * @throws Problem `overloaded`, `request_in_progress`, `idempotency_key_reused`, `ticket_expired`, `image_deleted`;
 * TransientFailure `database_unavailable`.
 */
export async function admit(
  call: TenantCall,
  image: NewImage,
  claim: KeyClaim | undefined,
): Promise<Admitted> {
  const { admission, database } = call.parts;
  let refusal = admission.standingRefusal();
  if (refusal !== undefined && claim === undefined) throw refusal;
  if (refusal === undefined) {
    const ticket = await database.run((connection) =>
      insertTicket(connection, image, { maxBacklog: admission.bound(), claim }),
    );
    if (ticket.outcome === 'inserted') {
      call.parts.metrics.add('ImagesAdmitted', {});
      if (ticket.unfinished !== undefined) admission.counted(ticket.unfinished);
      return ticket;
    }
    if (ticket.outcome === 'full') refusal = admission.refused(ticket.finishedLastMinute);
  }
  const held = claim && (await database.run((connection) => readHeldKey(connection, call.tenant, claim.key)));
  if (claim !== undefined && held !== undefined)
    return { repeated: await repeatedAnswer(call, held, claim.requestSha256) };
  // The key was taken when the row was to be written and free a moment later: its request has just failed.
  throw refusal ?? stillRunning(1);
}
